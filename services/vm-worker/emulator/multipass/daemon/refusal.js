/** A request that the daemon refuses. The message is what the client prints after `<command> failed: `. */
export class Refusal extends Error {}

/**
 * A refusal for several instances.
 *
 * @param {readonly string[]} lines
 * @returns {Refusal}
 */
export function refusalFor(lines) {
  return new Refusal(`The following errors occurred:\n${lines.join('\n')}`);
}
