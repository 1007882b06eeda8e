import { ask } from './connection.js';
import { createSpinner } from './spinner.js';

/**
 * What the commands of the client work with.
 *
 * @typedef {object} ClientContext
 * @property {import('../shared/state-directory.js').StateDirectory} directory
 * @property {import('node:stream').Writable} out
 * @property {import('node:stream').Writable} err
 * @property {(request: { command: string, [field: string]: unknown }, listener?: import('./connection.js').Listener) => Promise<any>} ask
 */

/**
 * A command: takes its arguments, gives its exit code.
 *
 * @typedef {(argv: readonly string[], context: ClientContext) => Promise<number>} Command
 */

/**
 * @param {import('../shared/state-directory.js').StateDirectory} directory
 * @param {import('../shared/faults.js').Fault | undefined} fault
 * @param {{ out: import('node:stream').Writable, err: import('node:stream').Writable }} streams
 * @returns {ClientContext}
 */
export function createClientContext(directory, fault, { out, err }) {
  return {
    directory,
    out,
    err,
    ask: (request, listener = {}) =>
      ask(
        directory.socket,
        { ...request, ...(fault?.kind === 'crash' && { crashAfterMs: fault.ms ?? 0 }) },
        {
          onLog: (line) => err.write(line),
          ...listener,
          onSent: () => {
            if (fault?.kind === 'die') setTimeout(() => process.kill(process.pid, 'SIGKILL'), fault.ms ?? 0);
          },
        },
      ),
  };
}

/**
 * Asks the daemon under a spinner.
 *
 * @param {ClientContext} context
 * @param {string} message
 * @param {{ command: string, [field: string]: unknown }} request
 * @param {{ doesStopAfterSuccess: boolean, timeout?: { seconds: number, words: string } | undefined }} options
 * @returns {Promise<number>} The exit code.
 */
export async function askUnderSpinner(context, message, request, { doesStopAfterSuccess, timeout }) {
  const spinner = createSpinner(context.out, context.err);
  if (message !== '') spinner.start(message);
  const answer = context.ask(request, {
    onLog: spinner.log,
    onProgress(text) {
      spinner.stop();
      spinner.start(text);
    },
    onPercent(text) {
      spinner.stop();
      context.out.write(`\r${text}`);
    },
  });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const expired = new Promise((resolve) => {
    if (timeout !== undefined) timer = setTimeout(() => resolve('expired'), timeout.seconds * 1000);
  });
  try {
    const outcome = await Promise.race([answer, expired]);
    if (outcome === 'expired') {
      spinner.stop();
      context.err.write(`${timeout?.words ?? ''}\n`);
      return EXIT_TIMED_OUT;
    }
    if (doesStopAfterSuccess) spinner.stop();
    if (outcome?.text !== undefined) context.out.write(outcome.text);
    spinner.stop();
    return 0;
  } catch (error) {
    spinner.stop();
    spinner.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const EXIT_TIMED_OUT = 5;
