import { connect } from 'node:net';
import { onJsonLines, sendJsonLine } from '../shared/json-lines.js';

/** A command that the daemon refused, or that it could not be asked for: exit code 2. */
export class DaemonError extends Error {}

/** What Multipass says when there is no daemon, or when it goes away in the middle. */
const UNREACHABLE = 'cannot connect to the multipass socket';

/**
 * What a daemon says before its answer.
 *
 * @typedef {object} Listener
 * @property {(line: string) => void} [onLog]
 * @property {(message: string) => void} [onProgress] What it does now.
 * @property {(text: string) => void} [onPercent] How far it is with fetching an image.
 * @property {() => void} [onSent] The request has gone out.
 */

/**
 * Asks the daemon; as with Multipass, without any deadline.
 *
 * @template {import('../shared/protocol.js').Command} C
 * @param {import('node:net').NetConnectOpts} address
 * @param {import('../shared/protocol.js').Request<C>} request
 * @param {Listener} [listener]
 * @returns {Promise<import('../shared/protocol.js').Answer<C>>}
 */
export function ask(address, request, { onLog, onProgress, onPercent, onSent } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => {
      sendJsonLine(socket, request);
      onSent?.();
    });
    onJsonLines(socket, (/** @type {import('../shared/protocol.js').Message<C>} */ message) => {
      if (message.log !== undefined) onLog?.(message.log);
      else if (message.progress !== undefined) onProgress?.(message.progress);
      else if (message.percent !== undefined) onPercent?.(message.percent);
      else {
        socket.end();
        if (message.reply !== undefined) resolve(message.reply);
        else reject(new DaemonError(message.error));
      }
    });
    socket.once('error', () => reject(new DaemonError(UNREACHABLE)));
    socket.once('close', () => reject(new DaemonError(UNREACHABLE)));
  });
}
