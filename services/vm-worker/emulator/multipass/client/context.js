import { ask } from './connection.js';
import { ClientCrash, clientIdentity, serverAddress } from './identity.js';
import { createSpinner } from './spinner.js';

const EXIT_TIMED_OUT = 5;

/**
 * What the commands of the client work with.
 *
 * @typedef {object} ClientContext
 * @property {import('../shared/state-directory.js').StateDirectory} directory
 * @property {import('node:stream').Writable} out
 * @property {import('node:stream').Writable} err
 * @property {<C extends import('../shared/protocol.js').Command>(question: import('../shared/protocol.js').Question<C>,
 *   listener?: import('./connection.js').Listener) => Promise<import('../shared/protocol.js').Answer<C>>} ask
 */

/**
 * A command: takes its arguments, gives its exit code.
 *
 * @typedef {(argv: readonly string[], context: ClientContext) => Promise<number>} Command
 */

/**
 * @param {object} given
 * @param {import('../shared/state-directory.js').StateDirectory} given.directory
 * @param {import('../shared/faults.js').Fault | undefined} given.fault
 * @param {string} given.call The id of this call in the log.
 * @param {import('node:stream').Writable} given.out
 * @param {import('node:stream').Writable} given.err
 * @param {NodeJS.ProcessEnv} environment
 * @returns {ClientContext}
 */
export function createClientContext({ directory, fault, call, out, err }, environment) {
  const address = serverAddress(directory.socket, environment);
  const client = clientIdentity(environment);
  return {
    directory,
    out,
    err,
    ask: (question, listener = {}) =>
      ask(
        address,
        {
          ...question,
          call,
          client,
          ...(fault?.kind === 'crash' && { crashAfterMs: fault.ms ?? 0 }),
          ...(fault?.kind === 'wedge' && { doesWedge: true }),
        },
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
 * @template {import('../shared/protocol.js').Verb} C
 * @param {ClientContext} context
 * @param {string} message
 * @param {import('../shared/protocol.js').Question<C>} question
 * @param {object} options
 * @param {boolean} options.doesStopAfterSuccess
 * @param {{ seconds: number, words: string } | undefined} [options.timeout]
 * @param {string} [options.unconfirmed] What to say when the daemon asks back, as nobody is there to answer.
 * @returns {Promise<number>} The exit code.
 */
export async function askUnderSpinner(context, message, question, options) {
  const { doesStopAfterSuccess, timeout, unconfirmed = '' } = options;
  const spinner = createSpinner(context.out, context.err);
  if (message !== '') spinner.start(message);
  const answer = context.ask(question, {
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
  /** @type {Promise<'expired'>} */
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
    if (outcome.isConfirmationNeeded === true) throw new ClientCrash(unconfirmed);
    if (doesStopAfterSuccess) spinner.stop();
    if (outcome.text !== undefined) context.out.write(outcome.text);
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
