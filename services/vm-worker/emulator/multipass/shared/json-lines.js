/**
 * Calls `onMessage` for each line of JSON that a socket delivers.
 *
 * @template Message What the other side sends; it is ours too, so it is taken at its word.
 * @param {import('node:net').Socket} socket
 * @param {(message: Message) => void} onMessage
 */
export function onJsonLines(socket, onMessage) {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) onMessage(JSON.parse(line));
  });
}

/**
 * Sends one message as a line of JSON. The other side may be gone: nobody is told then, as with Multipass.
 *
 * @param {import('node:net').Socket} socket
 * @param {unknown} message
 */
export function sendJsonLine(socket, message) {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
