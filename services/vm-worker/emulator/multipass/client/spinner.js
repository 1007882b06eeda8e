import { clearInterval, setInterval } from 'node:timers';

const FRAMES = ['/', '-', '\\', '|'];
const FRAME_MS = 100;
/** Goes to the beginning of the line and clears it. */
export const CLEAR_LINE = '\u001b[2K\u001b[0A\u001b[0E';

/**
 * The text with a turning bar that Multipass draws on standard output, terminal or not.
 *
 * @typedef {object} Spinner
 * @property {(message: string) => void} start
 * @property {() => void} stop Also clears the line, once more each time.
 * @property {(line: string) => void} log Writes to standard error in between.
 */

/**
 * @param {import('node:stream').Writable} out
 * @param {import('node:stream').Writable} err
 * @returns {Spinner}
 */
export function createSpinner(out, err) {
  let message = '';
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const start = () => {
    if (timer !== undefined || message === '') return;
    let frame = 0;
    const draw = () => {
      out.write(`\b${FRAMES[frame % FRAMES.length]}`);
      frame += 1;
    };
    out.write(`${CLEAR_LINE}${message}  `);
    draw();
    timer = setInterval(draw, FRAME_MS);
  };
  const stop = () => {
    if (timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
      out.write('\b ');
    }
    out.write(CLEAR_LINE);
  };
  return {
    start(text) {
      message = text;
      start();
    },
    stop,
    log(line) {
      stop();
      err.write(line);
      start();
    },
  };
}
