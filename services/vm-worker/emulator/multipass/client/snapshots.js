import { parseArguments, UsageError } from './arguments.js';
import { askUnderSpinner } from './context.js';

const UNCONFIRMED =
  "Unable to query client for confirmation. Use '--destructive' to automatically discard current machine state.";

/**
 * @param {readonly string[]} positional
 * @returns {string}
 */
function onlyName(positional) {
  const [name, ...others] = positional;
  if (name === undefined) throw new UsageError('Need the name of an instance.\n');
  if (others.length > 0) throw new UsageError('Too many arguments supplied\n');
  return name;
}

/** @type {import('./context.js').Command} */
export async function snapshot(argv, context) {
  const { values, positional } = parseArguments(argv, {
    values: ['name', 'comment'],
    short: { n: 'name', c: 'comment', m: 'comment' },
  });
  const { name: given = null, comment = '' } = values;
  /** @type {import('../shared/protocol.js').Question<'snapshot'>} */
  const question = { command: 'snapshot', name: onlyName(positional), snapshot: given, comment };
  return askUnderSpinner(context, 'Taking snapshot', question, { doesStopAfterSuccess: true });
}

/** @type {import('./context.js').Command} */
export async function restore(argv, context) {
  const { flags, positional } = parseArguments(argv, { flags: ['destructive'], short: { d: 'destructive' } });
  const [instance = '', name = ''] = onlyName(positional).split('.');
  if (instance === '' || name === '') {
    throw new UsageError(
      'Invalid format. Please specify the instance to restore and snapshot to use in the form <instance>.<snapshot>.\n',
    );
  }
  return askUnderSpinner(
    context,
    '',
    { command: 'restore', name: instance, snapshot: name, isDestructive: flags.has('destructive') },
    { doesStopAfterSuccess: true, unconfirmed: UNCONFIRMED },
  );
}

/** @type {import('./context.js').Command} */
export async function clone(argv, context) {
  const { values, positional } = parseArguments(argv, { values: ['name'], short: { n: 'name' } });
  const name = onlyName(positional);
  /** @type {import('../shared/protocol.js').Question<'clone'>} */
  const question = { command: 'clone', name, clone: values['name'] ?? null };
  return askUnderSpinner(context, `Cloning ${name}`, question, { doesStopAfterSuccess: true });
}
