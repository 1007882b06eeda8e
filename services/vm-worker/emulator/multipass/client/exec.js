import { spawn } from 'node:child_process';
import { start } from './actions.js';
import { parseArguments, UsageError } from './arguments.js';
import { DaemonError } from './connection.js';

const INNER_OPTIONS =
  '\nOptions to the inner command should come after "--", like this:\nmultipass exec <instance> -- <command> <arguments>\n';
const EXIT_SSH_FAILED = 255;

/**
 * One argument for the guest's shell.
 *
 * @param {string} text
 * @returns {string}
 */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * @param {readonly string[]} argv
 * @returns {{ name: string, words: readonly string[], folder: string | undefined }}
 */
function parse(argv) {
  const grammar = {
    flags: ['no-map-working-directory'],
    values: ['working-directory'],
    short: { n: 'no-map-working-directory', d: 'working-directory' },
  };
  let parsed;
  try {
    parsed = parseArguments(argv, grammar);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message + INNER_OPTIONS);
    throw error;
  }
  const [name, ...words] = [...parsed.positional, ...(parsed.rest ?? [])];
  if (name === undefined || words.length === 0) throw new UsageError('Wrong number of arguments\n');
  return { name, words, folder: parsed.values['working-directory'] };
}

/**
 * @param {string} name
 * @param {import('./context.js').ClientContext} context
 * @returns {Promise<{ host: string, user: string, isOff: boolean }>}
 */
async function askForGuest(name, context) {
  try {
    return await context.ask({ command: 'ssh_info', name });
  } catch (error) {
    // Multipass asks twice in these cases, and complains twice.
    if (error instanceof DaemonError && /does not exist|cannot connect/.test(error.message)) {
      context.err.write(`exec failed: ${error.message}\n`);
    }
    throw error;
  }
}

/** @type {import('./context.js').Command} */
export async function exec(argv, context) {
  const { name, words, folder } = parse(argv);
  let guest = await askForGuest(name, context);
  if (guest.isOff) {
    await start([name], context);
    guest = await askForGuest(name, context);
  }
  const inner = words.map(quoted).join(' ');
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const args = [
    '-F',
    '/dev/null',
    '-i',
    context.directory.clientKey,
    ...options.flatMap((option) => ['-o', option]),
    `${guest.user}@${guest.host}`,
    folder === undefined ? inner : `cd ${quoted(folder)} && ${inner}`,
  ];
  const child = spawn('ssh', args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? EXIT_SSH_FAILED));
  });
}
