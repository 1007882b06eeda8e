import { parseArguments, UsageError } from './arguments.js';
import { CLEAR_LINE } from './spinner.js';

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
