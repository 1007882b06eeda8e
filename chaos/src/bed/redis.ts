import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@golem-provider/testing';
import { Redis } from 'ioredis';
import { openRedisFront } from './redis-front.ts';

/** A Redis that can be killed, slowed down and started again on what it kept. */
export interface ChaosRedis {
  /** For the services: what they say passes the front. */
  readonly url: string;
  /** For the suite itself. */
  readonly client: Redis;
  delayBy(ms: number): void;
  /** Lets every key that expires do so later by that, or sooner where it is negative: what a jump of its clock is to Redis. */
  shiftExpiries(ms: number): Promise<void>;
  kill(): Promise<void>;
  /** Starts it unless it runs, and waits until it has read what it kept. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
/** How long it is away between its death and the next start. */
const SUPERVISOR_MS = 200;
/** A key whose time has passed already is deleted by `PEXPIRE` itself. */
const SHIFT_EXPIRIES = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left + ARGV[1]) end
end`;

/** Makes one that keeps its data in `directory` and whose sockets are under `sockets`; it is not started. */
export async function createRedis(directory: string, sockets: string): Promise<ChaosRedis> {
  const socket = join(sockets, 'redis.sock');
  const door = join(sockets, 'front.sock');
  mkdirSync(directory, { recursive: true });
  const front = await openRedisFront(door, socket);
  const client = new Redis(socket, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy: () => 100 });
  // It is killed on purpose; ioredis would print an unhandled error for each retry.
  client.on('error', () => undefined);
  let child: ChildProcess | undefined;
  let isStopping = false;

  const launch = (): void => {
    // It may have been stopped while it waited to be started again.
    if (isStopping) return;
    const files = ['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
    const started = spawn('redis-server', [...files, ...durable, '--auto-aof-rewrite-min-size', '8mb'], {
      stdio: 'ignore',
    });
    child = started;
    started.once('exit', () => {
      if (child === started) setTimeout(launch, SUPERVISOR_MS);
    });
  };
  const start = async (): Promise<void> => {
    if (child === undefined) launch();
    await eventually(async () => {
      await client.ping();
    }, START_LIMIT_MS);
  };
  return {
    url: `unix://${door}`,
    client,
    delayBy: (ms) => front.delayBy(ms),
    async shiftExpiries(ms) {
      await client.eval(SHIFT_EXPIRIES, 0, ms);
    },
    start,
    async kill() {
      const dying = child;
      if (dying?.exitCode !== null || dying.signalCode !== null) return;
      const exited = once(dying, 'exit');
      dying.kill('SIGKILL');
      await exited;
    },
    async stop() {
      isStopping = true;
      client.disconnect();
      if (child?.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      await front.stop();
    },
  };
}
