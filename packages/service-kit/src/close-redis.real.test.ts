import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { closeRedis } from './close-redis.ts';
import { createLogger } from './logger.ts';
import { blockingRedis, producerRedis } from './redis.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });

let server: RedisServer | undefined;
let redis: Redis | undefined;

afterEach(async () => {
  if (redis !== undefined) closeRedis(redis);
  redis = undefined;
  await server?.stop();
  server = undefined;
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe.each([
  ['a connection that fails soon', producerRedis],
  ['a connection that waits', blockingRedis],
])('%s, closed', (_, connect) => {
  it('between two tries to connect, tells who waits and leaves no timer', async () => {
    server = await startRedisServer();
    // Not once the Redis is gone: the timer of the next try may be there by then.
    const before = timers();
    redis = connect(server.url, logger);
    await redis.ping();
    await server.stop();
    server = undefined;
    await eventually(() => expect(redis?.status).toBe('reconnecting'));
    const waiting = redis.ping();

    closeRedis(redis);

    expect(timers()).toBeLessThanOrEqual(before);
    await expect(waiting).rejects.toThrow('Connection is closed');
    expect(redis.status).toBe('end');
    closeRedis(redis);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('while it is open, or before it was, ends', async () => {
    server = await startRedisServer();
    redis = connect(server.url, logger);
    closeRedis(redis);
    expect(redis.status).toBe('end');

    redis = connect(server.url, logger);
    await redis.ping();
    closeRedis(redis);
    await eventually(() => expect(redis?.status).toBe('end'));
  });
});
