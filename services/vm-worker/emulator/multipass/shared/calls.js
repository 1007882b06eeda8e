import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/**
 * The log of the calls of the client: a line of JSON for each thing that happens to one. `began` with the arguments, in the
 * order in which the clients started; `received` when a request of it reaches the daemon; `answered` when the daemon is done
 * with one, also when its client has gone; `ended` with the exit code, which a client that is killed never writes.
 *
 * @typedef {object} CallEvent
 * @property {string} id
 * @property {'began' | 'received' | 'answered' | 'ended'} what
 * @property {number} at Milliseconds since the epoch.
 * @property {readonly string[]} [argv]
 * @property {number} [exitCode]
 */

/**
 * Short lines, each in one write to the end of the file: those of clients of the same moment do not mix.
 *
 * @param {string} file
 * @param {Omit<CallEvent, 'at'>} event
 */
function append(file, event) {
  appendFileSync(file, `${JSON.stringify({ ...event, at: Date.now() })}\n`, { mode: 0o600 });
}

/**
 * @param {string} file
 * @param {readonly string[]} argv
 * @returns {{ id: string, end: (exitCode: number) => void }}
 */
export function beginCall(file, argv) {
  const id = randomUUID();
  append(file, { id, what: 'began', argv });
  return { id, end: (exitCode) => append(file, { id, what: 'ended', exitCode }) };
}

/**
 * @param {string} file
 * @param {string} id
 * @param {'received' | 'answered'} what
 */
export function noteRequest(file, id, what) {
  append(file, { id, what });
}
