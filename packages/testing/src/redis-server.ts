import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A Redis of a test's own, on a Unix socket in a temporary directory, with AOF and `noeviction` as in production. */
export interface RedisServer {
  /** `unix://…`, as `REDIS_URL` takes it. */
  readonly url: string;
  readonly pid: number;
  /** A connection that `stop` closes. */
  client(): Redis;
  stop(): Promise<void>;
}

/** Starts a redis-server and waits until it answers. */
export async function startRedisServer(): Promise<RedisServer> {
  const directory = await temporaryDirectory();
  const socket = join(directory.path, 'redis.sock');
  const child = spawn(
    'redis-server',
    [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--dir',
      directory.path,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
      '--maxmemory-policy',
      'noeviction',
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new Error('starting redis-server', { cause: error });
    }),
  ]);
  const clients: Redis[] = [];
  const client = (): Redis => {
    const redis = new Redis(socket, { maxRetriesPerRequest: null });
    // Tests end their Redis on purpose; ioredis would print an unhandled error for each retry.
    redis.on('error', () => undefined);
    clients.push(redis);
    return redis;
  };
  await eventually(() => client().ping());
  return {
    url: `unix://${socket}`,
    pid: child.pid ?? 0,
    client,
    async stop() {
      for (const redis of clients) redis.disconnect();
      child.kill('SIGTERM');
      await exited;
      await directory.dispose();
    },
  };
}
