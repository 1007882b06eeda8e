import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A door to a Redis, at which each message can be held up. */
export interface RedisFront {
  /** From now on every message takes so much longer, in each direction. */
  delayBy(ms: number): void;
  stop(): Promise<void>;
}

/** Opens the door on a Unix socket; the Redis behind it may come and go. */
export async function openRedisFront(door: string, behind: string): Promise<RedisFront> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (piece: Buffer) => {
      if (delayMs === 0) to.write(piece);
      else setTimeout(() => to.write(piece), delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    sockets.add(from);
  };
  const server = createServer((client) => {
    const redis = connect(behind);
    pass(client, redis);
    pass(redis, client);
  });
  server.listen(door);
  await once(server, 'listening');
  return {
    delayBy(ms) {
      delayMs = ms;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
