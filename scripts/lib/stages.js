/**
 * Shows what a script does: a line for each stage when it begins and when it ends, with its seconds.
 *
 * @typedef {object} Stages
 * @property {<Value>(name: string, task: () => Promise<Value>, describe?: (value: Value) => string) => Promise<Value>} run
 *   Runs and times a stage, whose end is shown as `describe` has it, or as done; its error is passed on.
 * @property {(name: string, text: string) => void} say A line in the name of a stage.
 * @property {() => string[]} summary A line for each stage that has ended, in the order of their ends.
 */

/**
 * @param {(line: string) => void} print
 * @param {() => number} now Milliseconds.
 * @returns {Stages}
 */
export function createStages(print = (line) => console.log(line), now = Date.now) {
  /** @type {string[]} */
  const ended = [];
  const end = (/** @type {string} */ name, /** @type {number} */ began, /** @type {string} */ outcome) => {
    const line = `${name}: ${outcome}, ${((now() - began) / 1000).toFixed(1)} s`;
    ended.push(line);
    print(line);
  };
  return {
    async run(name, task, describe = () => 'done') {
      const began = now();
      try {
        const value = await task();
        end(name, began, describe(value));
        return value;
      } catch (error) {
        end(name, began, 'failed');
        throw error;
      }
    },
    say(name, text) {
      print(`${name}: ${text}`);
    },
    summary: () => [...ended],
  };
}
