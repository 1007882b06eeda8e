/**
 * What a command understands.
 *
 * @typedef {object} Grammar
 * @property {readonly string[]} [flags] Options without a value.
 * @property {readonly string[]} [values] Options with one.
 * @property {Readonly<Record<string, string>>} [short] Single letters and what they stand for.
 */

/**
 * A command line that was understood.
 *
 * @typedef {object} Parsed
 * @property {ReadonlySet<string>} flags
 * @property {Readonly<Record<string, string>>} values
 * @property {readonly string[]} positional
 * @property {readonly string[] | undefined} rest What comes after `--`.
 * @property {number} verbosity How often `-v` was given.
 */

/** A command line that the client refuses without asking the daemon: exit code 1. */
export class UsageError extends Error {}

/**
 * Reads the arguments of a command as Qt's parser does: options anywhere, values after a blank or `=`.
 *
 * @param {readonly string[]} argv
 * @param {Grammar} grammar
 * @returns {Parsed}
 */
export function parseArguments(argv, { flags = [], values = [], short = {} }) {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Record<string, string>} */
  const given = {};
  /** @type {string[]} */
  const positional = [];
  let verbosity = 0;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') return { flags: seen, values: given, positional, rest: argv.slice(index + 1), verbosity };
    const option = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? /^-([^-=])(?:=?(.+))?$/s.exec(argument);
    if (option === null) {
      positional.push(argument);
      continue;
    }
    const [, word = '', attached] = option;
    const name = argument.startsWith('--') ? word : (short[word] ?? word);
    if (name === 'v' || name === 'verbose') {
      verbosity += 1 + (attached?.length ?? 0);
      continue;
    }
    if (flags.includes(name)) {
      seen.add(name);
    } else if (values.includes(name)) {
      if (attached === undefined) index += 1;
      const value = attached ?? argv[index];
      if (value === undefined) throw new UsageError(`Missing value after '${argument}'.\n`);
      given[name] = value;
    } else {
      throw new UsageError(`Unknown option '${word}'.\n`);
    }
  }
  return { flags: seen, values: given, positional, rest: undefined, verbosity };
}
