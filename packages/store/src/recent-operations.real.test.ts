import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HostId,
  ImageName,
  type Operation,
  OPERATION_RETENTION_MS,
  newOperation,
  OperationId,
  redisNames,
  VmName,
} from '@golem-provider/contracts';
import { hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { createAdmission } from './admission.ts';
import { createRecentOperations, type RecentOperations } from './recent-operations.ts';
import { createRecordStore, type RecordStore } from './record-store.ts';
import { createReportStore } from './reports.ts';

const HOST = HostId.parse('test-host');
const NAMES = redisNames(HOST);
const DAY_MS = 24 * 60 * 60 * 1000;

let server: RedisServer;
let redis: Redis;
let records: RecordStore;
let recent: RecentOperations;
let nowMs: number;
const clock = { now: () => nowMs, elapsed: () => nowMs };

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  records = createRecordStore(redis, HOST, clock);
  recent = createRecentOperations(redis, HOST);
  const reports = createReportStore(redis, HOST);
  await reports.monitor.save(hostSample(), 600_000);
  await reports.worker.save(workerReport(), 600_000);
});

/** Admits a VM after `ms`. */
async function create(ms: number): Promise<OperationId> {
  nowMs += ms;
  const limits = { maxVms: 10, portRange: { start: 50_800, end: 50_820 } };
  const admission = createAdmission(redis, HOST, limits, clock);
  const { operationId } = await admission.admit({
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
    size: null,
    image: ImageName.parse('debian:12'),
    sshKey: null,
    streamId: null,
    requestId: null,
  });
  return operationId;
}

async function end(id: OperationId): Promise<void> {
  await records.update({ operation: { id, change: (current) => ({ ...current, status: 'completed' }) } });
}

async function listed(limit = 50, accepts: (operation: Operation) => boolean = () => true): Promise<OperationId[]> {
  return (await recent.list({ limit, accepts })).map(({ id }) => id);
}

describe('the list of operations', () => {
  it('has each of them once, the newest first, whether it has ended or not', async () => {
    const first = await create(0);
    const second = await create(1000);
    await end(first);
    const vm = (await records.listVms())[0];
    nowMs += 1000;
    const { operation } = await records.update({
      ...(vm && { vm: { id: vm.id, change: (current) => ({ ...current, desired: 'deleted' as const }) } }),
      accept: ({ id: vm_id, generation }) =>
        newOperation(
          {
            id: OperationId.parse(`op-${crypto.randomUUID()}`),
            host_id: HOST,
            vm_id,
            kind: 'delete',
            generation,
            request_id: null,
          },
          new Date(nowMs).toISOString(),
        ),
    });

    expect(await listed()).toEqual([operation?.id, second, first]);
    expect(await listed(2)).toEqual([operation?.id, second]);
    expect(await listed(1, ({ status }) => status === 'completed')).toEqual([first]);
  });

  it('forgets what is older than the retention, but never what has not ended', async () => {
    const ended = await create(0);
    await end(ended);
    const pending = await create(1000);
    const young = await create(OPERATION_RETENTION_MS - DAY_MS);
    expect(await listed()).toEqual([young, pending, ended]);

    const newest = await create(2 * DAY_MS);

    expect(await listed()).toEqual([newest, young, pending]);
    expect(await redis.zrange(NAMES.recentOperations, '0', '-1')).toEqual([young, newest]);
  });

  it('does not bring an old operation back when it ends', async () => {
    const old = await create(0);
    nowMs += OPERATION_RETENTION_MS + DAY_MS;

    await end(old);

    expect(await redis.zcard(NAMES.recentOperations)).toBe(0);
    expect(await records.getOperation(old)).toMatchObject({ status: 'completed' });
  });

  it('goes on after any place, in one order, also for those of one moment', async () => {
    const made = [await create(0), await create(0), await create(0), await create(1000)];
    const all = await listed();
    expect([...all].sort()).toEqual([...made].sort());
    expect(all[0]).toBe(made[3]);

    const createdMs = nowMs - 1000;
    const rest = async (id: OperationId, limit = 50): Promise<OperationId[]> =>
      (await recent.list({ limit, accepts: () => true, after: { createdMs, id } })).map((operation) => operation.id);
    const [, second, third] = all;
    if (second === undefined || third === undefined) throw new Error('they are too few');
    expect([await rest(second), await rest(second, 1), await rest(third)]).toEqual([
      all.slice(2),
      all.slice(2, 3),
      all.slice(3),
    ]);
    // Also after one that is gone.
    await redis.zrem(NAMES.recentOperations, second);
    await redis.zrem(NAMES.pendingOperations, second);
    expect(await rest(second)).toEqual(all.slice(2));
  });

  it('skips a record that Redis has lost', async () => {
    const id = await create(0);
    await redis.del(NAMES.operation(id));

    expect(await listed()).toEqual([]);
  });
});
