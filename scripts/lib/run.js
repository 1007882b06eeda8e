import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How many lines of output are kept for the case that a program fails. */
const TAIL_LINES = 40;

/**
 * How a program ended. `code` is 128 where a signal ended it and 127 where it could not be started.
 *
 * @typedef {object} RunResult
 * @property {number} code
 * @property {string} tail The last lines of its output, both streams together.
 */

/**
 * Runs a program to its end, without a shell. Its output is kept, not shown, unless `isShown`.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] The whole environment.
 * @param {boolean} [options.isShown] The program writes to our own output; there is no tail then.
 * @param {(line: string) => void} [options.onLine] Called with each line of output.
 * @param {number} [options.timeoutMs] After this the program is killed.
 * @param {number} [options.tailLines]
 * @returns {Promise<RunResult>}
 */
export function run(program, args, options = {}) {
  const { isShown = false, onLine, timeoutMs, tailLines = TAIL_LINES } = options;
  return new Promise((resolve) => {
    /** @type {string[]} */
    const tail = [];
    const keep = (/** @type {string} */ line) => {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      onLine?.(line);
    };
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', keep);
    }
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            keep(`${program} was ended after ${timeoutMs / 1000} s`);
            child.kill('SIGKILL');
            // What it has started may hold its output open, and go on for ever.
            child.stdout?.destroy();
            child.stderr?.destroy();
          }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, tail: `${program}: ${error.message}` });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (signal !== null) keep(`${program} was ended by ${signal}`);
      resolve({ code: code ?? 128, tail: tail.join('\n') });
    });
  });
}

/**
 * Ends a script with a message and an exit code.
 */
export class Failure extends Error {
  /**
   * @param {string} message What to print, in full.
   * @param {number} code
   */
  constructor(message, code) {
    super(message);
    this.name = 'Failure';
    /** The exit code of the script. */
    this.code = code;
  }
}

/**
 * As `run`, for programs that must succeed.
 *
 * @param {string} doing What the program is for, as the error begins.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @throws {Failure} with the tail of the output and the code of the program.
 */
export async function runOrFail(doing, program, args, options) {
  const { code, tail } = await run(program, args, options);
  if (code !== 0) throw new Failure(`${tail}\n${doing} failed: ${program} ended with ${code}`.trim(), code);
}

/**
 * Waits for all tasks, whatever becomes of the others.
 *
 * @param {readonly Promise<unknown>[]} tasks
 * @throws {Failure} with what all that failed have to say, and the code of the first.
 */
export async function allOrFail(tasks) {
  const outcomes = await Promise.allSettled(tasks);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const defect = reasons.find((reason) => !(reason instanceof Failure));
  if (defect !== undefined) throw defect;
  if (reasons.length > 0) throw new Failure(reasons.map(({ message }) => message).join('\n\n'), reasons[0].code);
}

/**
 * Runs a script's main function: a `Failure` is printed and its code becomes that of the process.
 *
 * @param {() => Promise<void>} main
 */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.code;
  }
}
