import { existsSync } from 'node:fs';
import { errorLogLine } from '../shared/log-line.js';
import { parseSize } from '../shared/sizes.js';
import { timeoutOf } from './actions.js';
import { parseArguments, UsageError } from './arguments.js';
import { askUnderSpinner } from './context.js';

/**
 * @param {string | undefined} text
 * @returns {{ text: string, bytes: number } | null}
 */
function sizeOf(text) {
  if (text === undefined) return null;
  const bytes = parseSize(text);
  if (bytes !== undefined) return { text, bytes };
  const advice =
    'need a non-negative integer (in base 10) or a decimal followed by K, M, or G (e.g. 1234B, 42MiB, 0.5G)';
  throw new UsageError(
    errorLogLine('client', `Caught an unhandled exception: ${text} is not a valid memory size - ${advice}`),
  );
}

/** @type {import('./context.js').Command} */
export async function launch(argv, context) {
  const { values, positional } = parseArguments(argv, {
    values: ['name', 'cpus', 'memory', 'disk', 'cloud-init', 'timeout', 'network', 'mount'],
    short: { n: 'name', c: 'cpus', m: 'memory', d: 'disk' },
  });
  if (positional.length > 1) throw new UsageError('Too many arguments supplied\n');
  const { cpus } = values;
  if (cpus !== undefined && !/^\+?0*[1-9]\d*$/.test(cpus)) {
    throw new UsageError(`Error: invalid CPU count '${cpus}', need a positive integer value.\n`);
  }
  const memory = sizeOf(values['memory']);
  const disk = sizeOf(values['disk']);
  const mount = values['mount']?.split(':')[0];
  if (mount !== undefined && !existsSync(mount)) {
    throw new UsageError(`Mount source path "${mount}" does not exist\n`);
  }
  const cloudInit = values['cloud-init'];
  const userData = cloudInit === undefined ? null : (await import('./cloud-init.js')).loadCloudInit(cloudInit);
  const seconds = timeoutOf(values);
  /** @type {import('../shared/protocol.js').Question<'launch'>} */
  const question = {
    command: 'launch',
    image: positional[0] ?? 'default',
    name: values['name'] ?? null,
    cpus: cpus === undefined ? 1 : Number(cpus),
    memory,
    disk,
    network: values['network'] ?? null,
    userData,
    waitMs: seconds === undefined ? null : seconds * 1000,
  };
  return askUnderSpinner(context, '', question, {
    doesStopAfterSuccess: true,
    timeout: seconds === undefined ? undefined : { seconds, words: 'Timed out waiting for instance launch.' },
  });
}
