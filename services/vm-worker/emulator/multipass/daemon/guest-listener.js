import { createServer } from 'node:net';

const GREETING = 'SSH-2.0-emulated\r\n';

/**
 * A guest that is no more than a socket with the greeting of an ssh server. Ends with the daemon.
 *
 * @param {string} address
 * @returns {{ isOn: () => boolean, close: () => void }}
 */
export function listenAsGuest(address) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let isOn = true;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    socket.write(GREETING);
  });
  server.on('error', () => {
    isOn = false;
  });
  server.listen(22, address);
  return {
    isOn: () => isOn,
    close() {
      isOn = false;
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
