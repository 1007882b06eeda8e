import { start } from './actions.js';
import { parseArguments, UsageError } from './arguments.js';
import { DaemonError } from './connection.js';
import { quoted, runInGuest } from './guest-shell.js';

const INNER_OPTIONS =
  '\nOptions to the inner command should come after "--", like this:\nmultipass exec <instance> -- <command> <arguments>\n';

/**
 * @param {readonly string[]} argv
 * @returns {{ name: string, words: readonly string[], folder: string | undefined, isFolderMapped: boolean }}
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
  const folder = parsed.values['working-directory'];
  const isFolderMapped = folder === undefined && !parsed.flags.has('no-map-working-directory');
  return { name, words, folder, isFolderMapped };
}

/**
 * The address of a guest, which is started for it if need be.
 *
 * @param {string} name
 * @param {import('./context.js').ClientContext} context
 * @param {(error: DaemonError) => void} [onRefusal]
 * @returns {Promise<import('../shared/protocol.js').GuestAddress>}
 */
async function guestThatRuns(name, context, onRefusal) {
  let guest;
  try {
    guest = await context.ask({ command: 'ssh_info', name });
  } catch (error) {
    if (error instanceof DaemonError) onRefusal?.(error);
    throw error;
  }
  if (!guest.isOff) return guest;
  await start([name], context);
  return context.ask({ command: 'ssh_info', name });
}

/** @type {import('./context.js').Command} */
export async function exec(argv, context) {
  const { name, words, folder, isFolderMapped } = parse(argv);
  const guest = await guestThatRuns(name, context, ({ message }) => {
    // Multipass has asked before, for the folder to work in, and complains twice in these cases.
    if (isFolderMapped && /does not exist|cannot connect/.test(message)) context.err.write(`exec failed: ${message}\n`);
  });
  if (guest.isListener) return (await context.ask({ command: 'listener_exec', name, words })).exitCode;
  const inner = words.map(quoted).join(' ');
  return runInGuest(context, guest, folder === undefined ? inner : `cd ${quoted(folder)} && ${inner}`);
}

/** @type {import('./context.js').Command} */
export async function shell(argv, context) {
  const [name = 'primary'] = parseArguments(argv, {}).positional;
  return runInGuest(context, await guestThatRuns(name, context), undefined);
}
