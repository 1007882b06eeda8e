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
