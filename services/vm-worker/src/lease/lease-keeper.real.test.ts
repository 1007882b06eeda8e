import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, redisNames } from '@golem-provider/contracts';
import { type Component, createLogger, systemClock } from '@golem-provider/service-kit';
import { createRecordStore, createReportStore, createWorkerLease, type WorkerLease } from '@golem-provider/store';
import {
  eventually,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
  workerReport,
} from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { join } from 'node:path';
import { createWorkerHealth, type WorkerHealth } from '../worker-health.ts';
import { createHostLock } from './host-lock.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import type { Tenure } from './tenure.ts';

const HOST = HostId.parse('test-host');
const NAMES = redisNames(HOST);
/** A lease that a busy machine does not lose by itself, and one that ends soon after nobody renews it. */
const TIMES = { ttlMs: 60_000, marginMs: 1000, renewMs: 20, retryMs: 20 };
const logger = createLogger({ name: 'test', level: 'silent', pretty: false });

interface Worker {
  readonly keeper: Component;
  readonly health: WorkerHealth;
  /** All tenures so far, the last one first. */
  readonly tenures: Tenure[];
}

let server: RedisServer;
let redis: Redis;
let directory: TemporaryDirectory;
const acting = new Set<string>();
const started: Component[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  directory = await temporaryDirectory();
});
afterEach(async () => {
  for (const component of started.splice(0)) await component.stop();
  await directory.dispose();
  expect([...acting]).toEqual([]);
});

async function startWorker(
  holder: string,
  {
    leases = createWorkerLease(redis, HOST),
    times = TIMES,
    data = holder,
  }: { leases?: WorkerLease; times?: typeof TIMES; data?: string } = {},
): Promise<Worker> {
  const tenures: Tenure[] = [];
  const health = createWorkerHealth();
  const keeper = createLeaseKeeper({
    leases,
    lock: createHostLock(join(directory.path, data, 'worker.lock')),
    holder,
    times,
    health,
    build(tenure) {
      tenures.unshift(tenure);
      return {
        name: 'acting',
        async start() {
          // Two at once would be the defect that all this is against.
          expect([...acting]).toEqual([]);
          acting.add(holder);
          await Promise.resolve();
        },
        stop() {
          acting.delete(holder);
          return Promise.resolve();
        },
      };
    },
    clock: systemClock,
    logger,
  });
  await keeper.start();
  started.push(keeper);
  return { keeper, health, tenures };
}

async function untilActing(holder: string): Promise<void> {
  await eventually(() => expect([...acting]).toEqual([holder]));
}

describe('createLeaseKeeper', () => {
  it('lets one worker act; the other says for whom it waits, and follows as soon as the first has stopped', async () => {
    const first = await startWorker('first');
    await untilActing('first');
    const second = await startWorker('second');
    await eventually(() => expect(second.health.reason()).toContain('another worker (first)'));
    expect(second.tenures).toEqual([]);

    await started.shift()?.stop();

    await untilActing('second');
    expect(second.health.reason()).not.toContain('Standing by');
    expect(second.tenures[0]?.token).toBeGreaterThan(first.tenures[0]?.token ?? Infinity);
  });

  it('does not wait longer than a lease lasts for one that is gone, the clock of Redis having been set back', async () => {
    await redis.hset(NAMES.workerLease, 'holder', 'gone', 'token', '7', 'beat', '1');
    await redis.pexpire(NAMES.workerLease, 24 * 60 * 60_000);

    await startWorker('next', { times: { ...TIMES, ttlMs: 2000 } });

    await untilActing('next');
  });

  it('ends a tenure when its lease is another one’s, and refuses all that is written under it', async () => {
    const worker = await startWorker('first');
    await untilActing('first');
    const [lost] = worker.tenures;
    await redis.hset(NAMES.workerLease, 'holder', 'thief');

    await eventually(() => expect([...acting]).toEqual([]));

    expect(lost?.signal.aborted).toBe(true);
    const reports = createReportStore(redis, HOST, lost);
    await expect(reports.worker.save(workerReport(), 1000)).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(await redis.hget(NAMES.workerLease, 'holder')).toBe('thief');
    await redis.del(NAMES.workerLease);
    await untilActing('first');
  });

  it('is told by a refused write before the next renewal', async () => {
    const worker = await startWorker('first', { times: { ...TIMES, renewMs: 3_600_000 } });
    await untilActing('first');
    const [tenure] = worker.tenures;
    const records = createRecordStore(redis, HOST, systemClock, tenure);
    await records.setBusyPorts([1]);
    await redis.del(NAMES.workerLease);

    await expect(records.setBusyPorts([2])).rejects.toMatchObject({ name: 'LeaseLost' });

    expect(tenure?.signal.aborted).toBe(true);
    expect([...(await records.listBusyPorts())]).toEqual([1]);
    await eventually(() => expect(worker.tenures).toHaveLength(2));
  });

  it('begins anew when Redis has lost everything, and when it comes back with older data', async () => {
    const worker = await startWorker('first');
    await untilActing('first');
    await redis.flushall();
    await eventually(() => expect(worker.tenures).toHaveLength(2));
    expect(worker.tenures[0]?.storeId).not.toBe(worker.tenures[1]?.storeId);
    const rises = worker.tenures.map(({ token }) => token);
    expect(rises).toEqual([...rises].sort((a, b) => b - a));

    await untilActing('first');
    await eventually(async () => expect(Number(await redis.hget(NAMES.workerLease, 'beat'))).toBeGreaterThan(2));
    await redis.hset(NAMES.workerLease, 'beat', 1);

    await eventually(() => expect(worker.tenures).toHaveLength(3));
    expect(worker.tenures[0]?.storeAgeMs()).toBeLessThan(60_000);
  });

  it('stops acting by its own clock when Redis cannot be reached, before the lease has run out there', async () => {
    const cut = new Error('cut off');
    const leases = createWorkerLease(redis, HOST);
    let isCut = false;
    const worker = await startWorker('first', {
      leases: { ...leases, renew: (lease) => (isCut ? Promise.reject(cut) : leases.renew(lease)) },
      times: { ...TIMES, marginMs: TIMES.ttlMs - 300 },
    });
    await untilActing('first');
    isCut = true;
    const [tenure] = worker.tenures;

    await eventually(() => expect(tenure?.signal.aborted).toBe(true));

    expect(() => tenure?.throwIfLost()).toThrow('could not be renewed in time');
  });

  it('lets two workers of one data directory not both act, though each has a lease of a Redis of its own', async () => {
    const other = await startRedisServer();
    try {
      await startWorker('first', { data: 'shared' });
      await untilActing('first');
      const second = await startWorker('second', { data: 'shared', leases: createWorkerLease(other.client(), HOST) });
      await eventually(() => expect(second.health.reason()).toContain(`process ${process.pid}`));
      expect([...acting]).toEqual(['first']);

      await started.shift()?.stop();

      await untilActing('second');
      await started.shift()?.stop();
    } finally {
      await other.stop();
    }
  });
});
