import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { boundJobLocks } from './job-locks.ts';

/** So long that none runs out while the test looks. */
const TIMING = { lockMs: 600_000, stalledCheckMs: 300_000 };
const SHORTER_MS = 300_000;
const DAY_MS = 24 * 60 * 60_000;

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());

describe('the locks of jobs', () => {
  it('last no longer than they were meant to, once the clock of Redis was set back', async () => {
    const queue = new Queue('jobs', { connection: redis });
    // Under the names that BullMQ itself gives them: two jobs are in hand, and somebody has just looked for stalled ones.
    const worker = new Worker('jobs', null, { connection: redis, lockDuration: TIMING.lockMs });
    const [late, fresh, check] = [queue.toKey('late:lock'), queue.toKey('fresh:lock'), queue.toKey('stalled-check')];
    for (const jobId of ['late', 'fresh']) await queue.add('start', {}, { jobId });
    for (const token of ['one', 'other']) await worker.getNextJob(token);
    await worker.startStalledCheckTimer();
    await eventually(async () => expect(await redis.exists(late, fresh, check)).toBe(3));
    for (const key of [late, check]) await redis.pexpire(key, DAY_MS);
    await redis.pexpire(fresh, SHORTER_MS);

    await boundJobLocks(redis, queue, TIMING);

    const left = async (key: string): Promise<number> => redis.pttl(key);
    expect(await left(late)).toBeLessThanOrEqual(TIMING.lockMs);
    expect(await left(check)).toBeLessThanOrEqual(TIMING.stalledCheckMs);
    expect(await left(fresh)).toBeLessThanOrEqual(SHORTER_MS);
    expect(await redis.mget(late, fresh)).toEqual(['one', 'other']);
    await worker.close();
    await queue.close();
  });

  it('are not made where there are none', async () => {
    const queue = new Queue('idle', { connection: redis });
    await boundJobLocks(redis, queue, TIMING);
    expect(await redis.exists(queue.toKey('stalled-check'))).toBe(0);
    await queue.close();
  });
});
