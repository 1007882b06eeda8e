import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Speaks as much ssh as a probe hears: its banner, and after that it sends back what it gets. */
export interface ToySshServer {
  readonly banner: string;
  readonly port: number;
  stop(): Promise<void>;
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A server on the loopback that treats each connection as told. */
export async function startToyServer(onConnection: (socket: Socket) => void): Promise<Omit<ToySshServer, 'banner'>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  const port = await listen(server, '127.0.0.1');
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A toy ssh server whose banner tells it from others. */
export async function startToySshServer(name: string): Promise<ToySshServer> {
  const banner = `SSH-2.0-toy_${name}`;
  const server = await startToyServer((socket) => {
    socket.write(`${banner}\r\n`);
    socket.pipe(socket);
  });
  return { banner, ...server };
}

/** A connection that says lines and hears lines. */
export interface LineConnection {
  /** Sends a line and resolves with the next that comes back. */
  ask(line: string): Promise<string>;
  next(): Promise<string>;
  close(): Promise<void>;
}

/** Connects to the loopback. Waiting for a line fails when the connection ends. */
export async function connectLines(port: number): Promise<LineConnection> {
  const socket = connect(port, '127.0.0.1');
  const lines: string[] = [];
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: Buffer | string) => {
    const parts = (rest + chunk.toString()).split('\r\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const waiter = waiting.shift();
      if (waiter === undefined) lines.push(line);
      else waiter.resolve(line);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the connection ended'));
  });
  await once(socket, 'connect');
  const next = async (): Promise<string> => {
    const line = lines.shift();
    if (line !== undefined) return line;
    if (socket.destroyed) throw new Error('the connection ended');
    return new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
  };
  return {
    next,
    async ask(line) {
      socket.write(`${line}\r\n`);
      return next();
    },
    async close() {
      if (socket.destroyed) return;
      socket.destroy();
      await once(socket, 'close');
    },
  };
}
