import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, newOperation, OperationId, redisNames } from '@golem-provider/contracts';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import { createRecordStore, type Fence, type RecordStore } from '@golem-provider/store';
import { eventually, type RedisServer, startRedisServer, vmRecord } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { NO_FAULTS } from '../reconcile/fault-points.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { createExecutor, type Executor } from './executor.ts';
import { createVmTurns } from './vm-turns.ts';

const HOST = HostId.parse('local');
const NAMES = redisNames(HOST);
const VM = vmRecord({ status: 'running' });
const ID = OperationId.parse('op-00000000-0000-0000-0000-000000000000');
const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const { signal } = new AbortController();

let server: RedisServer;
let redis: Redis;
let plain: RecordStore;

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
  plain = createRecordStore(redis, HOST, systemClock);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  await redis.hset(NAMES.vm(VM.id), { revision: VM.revision, json: JSON.stringify(VM) });
});

/** A worker's executor under a lease of its own, whose reconciler waits until it is let go. */
async function createWorker(holder: string, token: number) {
  await redis.hset(NAMES.workerLease, { holder, token });
  const lost = new AbortController();
  const fence: Fence = {
    holder,
    token,
    throwIfLost: () => lost.signal.throwIfAborted(),
    onRefused: () => lost.abort(new Error('refused')),
  };
  const runs = { begun: 0, atOnce: 0, most: 0 };
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reconciler: Reconciler = {
    async reconcile() {
      runs.begun += 1;
      runs.atOnce += 1;
      runs.most = Math.max(runs.most, runs.atOnce);
      await gate;
      runs.atOnce -= 1;
      return [];
    },
    adopt: () => Promise.reject(new Error('nothing is adopted here')),
  };
  const records = createRecordStore(redis, HOST, systemClock, fence);
  const turns = createVmTurns(lost.signal);
  const faults = NO_FAULTS;
  const deps = { records, reconciler, turns, releaseOnStop: false, faults, clock: systemClock, logger };
  const executor: Executor = createExecutor(deps);
  return { executor, runs, open: () => open() };
}

async function accept(kind: 'stop' | 'delete'): Promise<void> {
  const desired = kind === 'stop' ? 'stopped' : 'deleted';
  await plain.update({
    vm: { id: VM.id, change: (vm) => ({ ...vm, desired, generation: 2 }) },
    accept: () =>
      newOperation(
        { id: ID, host_id: HOST, vm_id: VM.id, kind, generation: 2, request_id: null },
        new Date().toISOString(),
      ),
  });
}

describe('an operation whose job is given out twice', () => {
  it.each(['stop', 'delete'] as const)('is run once by one worker: %s', async (kind) => {
    await accept(kind);
    const { executor, runs, open } = await createWorker('one', 1);
    const [first, second] = [executor.execute(ID, signal), executor.execute(ID, signal)];
    await eventually(() => expect(runs.begun).toBe(1));
    const third = executor.execute(ID, signal);
    open();

    expect(await Promise.all([first, second, third])).toEqual(['finished', 'finished', 'finished']);
    expect(runs).toEqual({ begun: 1, atOnce: 0, most: 1 });
    expect(await plain.getOperation(ID)).toMatchObject({ status: 'completed' });
  });

  it('is brought to its end by the worker that holds the lease; the other one writes nothing', async () => {
    await accept('stop');
    const paused = await createWorker('one', 1);
    const before = paused.executor.execute(ID, signal);
    await eventually(() => expect(paused.runs.begun).toBe(1));

    const next = await createWorker('two', 2);
    next.open();
    expect(await next.executor.execute(ID, signal)).toBe('finished');
    const ended = await plain.getOperation(ID);
    paused.open();

    await expect(before).rejects.toThrow();
    expect(ended).toMatchObject({ status: 'completed' });
    expect(await plain.getOperation(ID)).toEqual(ended);
    await expect(paused.executor.execute(ID, signal)).resolves.toBe('finished');
  });
});
