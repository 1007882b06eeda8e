import { connect } from 'node:net';

/**
 * What the Redis at a Unix socket answers to one command of plain words, in its own protocol; undefined when nobody
 * answers within `timeoutMs`. For the moments at which a client library with its retries is of no use.
 */
export function askRedis(socketPath: string, command: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(socketPath);
    const finish = (value: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(value);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    // After QUIT it closes the connection, and the answer is complete.
    socket.once('connect', () => socket.write(`${command}\r\nQUIT\r\n`));
    socket.once('end', () => finish(answer));
    socket.once('error', () => finish(undefined));
  });
}

/** The pid in the answer to `INFO server`. */
export function parseServerPid(answer: string): number | undefined {
  const pid = /^process_id:(\d+)\r?$/m.exec(answer)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
