/**
 * The one thread on which the daemon of Multipass does everything but to prepare images and to wait for guests: whatever
 * runs on it holds up all others.
 *
 * @typedef {object} EventLoop
 * @property {<Result>(task: () => Result | Promise<Result>) => Promise<Result>} run First come, first served.
 */

/** @returns {EventLoop} */
export function createEventLoop() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    run(task) {
      const result = last.then(task);
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const LOOK_MS = 20;

/**
 * Waits for as long as a setting says, also when it is changed meanwhile.
 *
 * @param {() => number} ms
 */
export async function pauseFor(ms) {
  const began = Date.now();
  for (let left = ms(); left > 0; left = began + ms() - Date.now()) await pause(Math.min(left, LOOK_MS));
}
