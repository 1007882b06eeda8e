import { parseArguments, UsageError } from './arguments.js';
import { DaemonError } from './connection.js';
import { renderInfo, renderList, renderVersion } from './render.js';
import { CLEAR_LINE } from './spinner.js';

const VERSION = '1.16.3';
const FORMATS = ['table', 'json', 'csv', 'yaml'];
const INVALID_FORMAT = 'Invalid format type given.\n';

/**
 * @param {Readonly<Record<string, string>>} values
 * @returns {string}
 */
function formatOf({ format = 'table' }) {
  if (!FORMATS.includes(format)) throw new UsageError(INVALID_FORMAT);
  return format;
}

/** @type {import('./context.js').Command} */
export async function version(argv, { ask, out }) {
  const format = formatOf(parseArguments(argv, { values: ['format'] }).values);
  /** @type {string | null} */
  let multipassd = null;
  try {
    multipassd = (await ask({ command: 'version' })).version;
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
  }
  out.write(renderVersion({ multipass: VERSION, multipassd }, format));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function list(argv, { ask, out }) {
  const { values, flags } = parseArguments(argv, { flags: ['no-ipv4'], values: ['format'] });
  const format = formatOf(values);
  const { instances } = await ask({ command: 'list', isRuntimeWanted: !flags.has('no-ipv4') });
  out.write(renderList(instances, format));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function info(argv, { ask, out, err }) {
  const { values, flags, positional } = parseArguments(argv, {
    flags: ['no-runtime-information'],
    values: ['format'],
  });
  try {
    formatOf(values);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err.write(error.message);
    process.kill(process.pid, 'SIGSEGV');
  }
  const { instances } = await ask({
    command: 'info',
    names: positional,
    isRuntimeWanted: !flags.has('no-runtime-information'),
  });
  out.write(renderInfo(instances, formatOf(values)));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function get(argv, { ask, out }) {
  const { flags, positional } = parseArguments(argv, { flags: ['keys', 'raw'] });
  const key = positional[0];
  // The client's own settings: the daemon need not run.
  if (key === 'client.primary-name') out.write('primary\n');
  else if (flags.has('keys')) {
    const { keys } = await ask({ command: 'keys' });
    out.write(['client.primary-name', ...keys].map((one) => `${one}\n`).join(''));
  } else if (key === undefined) throw new UsageError('Need exactly one setting key.\n');
  else out.write(`${(await ask({ command: 'get', key })).value}\n`);
  return 0;
}

/** @type {import('./context.js').Command} */
export async function set(argv, { ask, out }) {
  const { positional } = parseArguments(argv, {});
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(positional[0] ?? '') ?? [];
  if (positional.length !== 1 || key === undefined || value === undefined) {
    throw new UsageError('Need exactly one key-value pair (in <key>=<value> form).\n');
  }
  try {
    await ask({ command: 'set', key, value });
  } finally {
    out.write(CLEAR_LINE);
  }
  return 0;
}
