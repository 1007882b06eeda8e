import { connect } from 'node:net';

/**
 * How a host met a connection to its ssh server. `silent`: it took the connection, or not even that, and said nothing.
 *
 * @typedef {'answers' | 'refuses' | 'silent'} SshAnswer
 */

/**
 * Waits for the greeting of an ssh server; without a limit when none is given, as the daemon does.
 *
 * @param {string} host
 * @param {number} [limitMs]
 * @returns {Promise<SshAnswer>}
 */
export function probeSsh(host, limitMs) {
  return new Promise((resolve) => {
    const socket = connect(22, host);
    const end = (/** @type {SshAnswer} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    if (limitMs !== undefined) socket.setTimeout(limitMs, () => end('silent'));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-') ? 'answers' : 'refuses'));
    socket.once('error', () => end('refuses'));
    socket.once('close', () => end('refuses'));
  });
}
