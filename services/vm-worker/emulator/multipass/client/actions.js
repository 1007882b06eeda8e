import { parseArguments, UsageError } from './arguments.js';
import { askUnderSpinner } from './context.js';
import { ClientCrash } from './identity.js';

const PRIMARY = 'primary';
const SNAPSHOTS_UNCONFIRMED =
  'Snapshots can only be purged (after deletion, they cannot be recovered). Unable to query client for confirmation. ' +
  'Please use the `--purge` flag if that is what you want.\n';
const BAD_TIMEOUT = 'error: --timeout value has to be a positive integer\n';

/**
 * The seconds of `--timeout`.
 *
 * @param {Readonly<Record<string, string>>} values
 * @returns {number | undefined}
 */
export function timeoutOf({ timeout }) {
  if (timeout === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(timeout)) throw new UsageError(BAD_TIMEOUT);
  return Number(timeout);
}

/**
 * @param {import('./arguments.js').Parsed} parsed
 * @param {boolean} isPrimaryMeant Without a name, the primary instance is meant.
 * @returns {{ names: readonly string[], isAll: boolean, whom: string }}
 */
function targets({ flags, positional }, isPrimaryMeant) {
  const isAll = flags.has('all');
  if (isAll && positional.length > 0) throw new UsageError('Cannot specify name when --all option set\n');
  if (isAll) return { names: [], isAll, whom: 'all instances' };
  if (positional.length > 0 || isPrimaryMeant) {
    const names = positional.length > 0 ? positional : [PRIMARY];
    return { names, isAll, whom: names.length > 1 ? 'requested instances' : (names[0] ?? '') };
  }
  throw new UsageError('Name argument or --all is required\n');
}

/**
 * @param {{ command: 'start' | 'restart', label: string, lateWords: string }} verb
 * @returns {import('./context.js').Command}
 */
const boot =
  ({ command, label, lateWords }) =>
  async (argv, context) => {
    const parsed = parseArguments(argv, { flags: ['all'], values: ['timeout'] });
    const { names, isAll, whom } = targets(parsed, true);
    const seconds = timeoutOf(parsed.values);
    return askUnderSpinner(
      context,
      `${label} ${whom}`,
      { command, names, isAll, waitMs: seconds === undefined ? null : seconds * 1000 },
      { doesStopAfterSuccess: true, timeout: seconds === undefined ? undefined : { seconds, words: lateWords } },
    );
  };

export const start = boot({
  command: 'start',
  label: 'Starting',
  lateWords: 'Timed out waiting for instance to start.',
});

export const restart = boot({
  command: 'restart',
  label: 'Restarting',
  lateWords: 'Timed out waiting for instance to restart.',
});

/** @type {import('./context.js').Command} */
export async function stop(argv, context) {
  const parsed = parseArguments(argv, {
    flags: ['all', 'force', 'cancel'],
    values: ['time'],
    short: { t: 'time', c: 'cancel' },
  });
  const { names, isAll, whom } = targets(parsed, true);
  /** @type {import('../shared/protocol.js').Question<'stop'>} */
  const question = {
    command: 'stop',
    names,
    isAll,
    isForced: parsed.flags.has('force'),
    isCancel: parsed.flags.has('cancel'),
    delayMinutes: parsed.values['time'] === undefined ? 0 : Number(parsed.values['time']),
  };
  return askUnderSpinner(context, `Stopping ${whom}`, question, { doesStopAfterSuccess: false });
}

/** @type {import('./context.js').Command} */
export async function suspend(argv, context) {
  const parsed = parseArguments(argv, { flags: ['all'] });
  const { names, isAll, whom } = targets(parsed, true);
  return askUnderSpinner(
    context,
    `Suspending ${whom}`,
    { command: 'suspend', names, isAll },
    { doesStopAfterSuccess: false },
  );
}

/** @type {import('./context.js').Command} */
export async function remove(argv, { ask }) {
  const parsed = parseArguments(argv, { flags: ['all', 'purge'], short: { p: 'purge' } });
  const { names, isAll } = targets(parsed, false);
  const answer = await ask({ command: 'delete', names, isAll, isForGood: parsed.flags.has('purge') });
  if (answer.isConfirmationNeeded === true) throw new ClientCrash(SNAPSHOTS_UNCONFIRMED);
  return 0;
}

/** @type {import('./context.js').Command} */
export async function recover(argv, { ask }) {
  const { names, isAll } = targets(parseArguments(argv, { flags: ['all'] }), false);
  await ask({ command: 'recover', names, isAll });
  return 0;
}

/** @type {import('./context.js').Command} */
export async function purge(argv, { ask }) {
  parseArguments(argv, {});
  await ask({ command: 'purge' });
  return 0;
}
