import { parseArguments, UsageError } from './arguments.js';
import { DaemonError } from './connection.js';
import { renderImages, renderInfo, renderList, renderNetworks, renderSnapshotList, renderVersion } from './render.js';

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
  const { values, flags, verbosity } = parseArguments(argv, { flags: ['no-ipv4', 'snapshots'], values: ['format'] });
  const format = formatOf(values);
  const areSnapshotsWanted = flags.has('snapshots');
  const isRuntimeWanted = !areSnapshotsWanted && !flags.has('no-ipv4');
  const { instances } = await ask({ command: 'list', isRuntimeWanted, verbosity });
  out.write(areSnapshotsWanted ? renderSnapshotList(instances, format) : renderList(instances, format));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function info(argv, { ask, out, err }) {
  const { values, flags, positional } = parseArguments(argv, {
    flags: ['no-runtime-information', 'snapshots'],
    values: ['format'],
  });
  try {
    formatOf(values);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err.write(error.message);
    process.kill(process.pid, 'SIGSEGV');
  }
  const { subjects } = await ask({
    command: 'info',
    names: positional,
    isRuntimeWanted: !flags.has('no-runtime-information'),
    areSnapshotsWanted: flags.has('snapshots'),
  });
  out.write(renderInfo(subjects, formatOf(values)));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function networks(argv, { ask, out }) {
  const format = formatOf(parseArguments(argv, { values: ['format'] }).values);
  await ask({ command: 'networks' });
  out.write(renderNetworks([{ name: 'mpqemubr0', type: 'bridge', description: 'Network bridge' }], format));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function find(argv, { ask, out }) {
  const format = formatOf(parseArguments(argv, { values: ['format'] }).values);
  const { images } = await ask({ command: 'find' });
  out.write(renderImages(images, format));
  return 0;
}

/** @type {import('./context.js').Command} */
export async function authenticate(argv, { ask }) {
  const { positional } = parseArguments(argv, {});
  await ask({ command: 'authenticate', passphrase: positional[0] ?? '' });
  return 0;
}
