import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, ImageName, redisNames, VmName, type VmRecord, VmSpec } from '@golem-provider/contracts';
import { AppError, systemClock } from '@golem-provider/service-kit';
import { hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { type Admission, createAdmission } from './admission.ts';
import { createRecordStore, type RecordStore } from './record-store.ts';
import { createReportStore, type ReportStore } from './reports.ts';
import { createResizing, type Resizing } from './resizing.ts';

const HOST = HostId.parse('test-host');
// The host of the sample sells 64 cores, 57 GiB of memory and 900 GiB of storage.
const MEDIUM = VmSpec.parse({ cpu_cores: 8, memory_gb: 16, storage_gb: 100 });

let server: RedisServer;
let redis: Redis;
let records: RecordStore;
let reports: ReportStore;
let admission: Admission;
let resizing: Resizing;

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  records = createRecordStore(redis, HOST, systemClock);
  reports = createReportStore(redis, HOST);
  admission = createAdmission(redis, HOST, { maxVms: 10, portRange: { start: 50_800, end: 50_820 } }, systemClock);
  resizing = createResizing(records, systemClock);
  await reports.monitor.save(hostSample(), 60_000);
  await reports.worker.save(workerReport(), 60_000);
});

async function recordOf({ id }: Pick<VmRecord, 'id'>): Promise<VmRecord> {
  const vm = await records.getVm(id);
  if (vm === undefined) throw new Error(`no record of ${id}`);
  return vm;
}

/** A VM of that size that is off. */
async function stoppedVm(spec: VmSpec = MEDIUM): Promise<VmRecord> {
  const { vmId } = await admission.admit({
    name: VmName.parse('web'),
    spec,
    size: null,
    image: ImageName.parse('debian:12'),
    sshKey: null,
    streamId: null,
    requestId: null,
  });
  await records.update({ vm: { id: vmId, change: (vm) => ({ ...vm, desired: 'stopped', status: 'stopped' }) } });
  return recordOf({ id: vmId });
}

async function heldBy({ id }: VmRecord): Promise<VmSpec> {
  return VmSpec.parse((await records.listReservations()).get(id));
}

async function refusal(promise: Promise<unknown>): Promise<[string, string | undefined]> {
  const error = await promise.then(
    () => new Error('was accepted'),
    (reason: unknown) => reason,
  );
  return error instanceof AppError ? [error.code, error.publicDetail] : [String(error), undefined];
}

describe('a resize', () => {
  it('holds the larger of old and new until the machine has been changed, and then the new', async () => {
    const vm = await stoppedVm();
    const target = { cpu_cores: 2, memory_gb: 32, storage_gb: 200 };

    const operation = await resizing.admit(vm, target, 'r-1');

    expect(operation).toMatchObject({ kind: 'resize', generation: 2, request_id: 'r-1', status: 'queued' });
    expect(await records.listPendingOperations()).toContainEqual(operation);
    expect(await recordOf(vm)).toMatchObject({ spec: MEDIUM, resize: { target, state: 'wanted' }, generation: 2 });
    expect(await heldBy(vm)).toEqual({ cpu_cores: 8, memory_gb: 32, storage_gb: 200 });
    const { port } = (await records.listReservations()).get(vm.id) ?? {};
    expect(port).toBe(vm.proxy_port);

    await resizing.settle(vm.id, target);
    await resizing.settle(vm.id, target);

    expect(await recordOf(vm)).toMatchObject({ spec: target, size: null, resize: null });
    expect(await heldBy(vm)).toEqual(target);
    expect((await records.listReservations()).get(vm.id)?.port).toBe(port);
  });

  it('names the size that the VM has become', async () => {
    const vm = await stoppedVm();
    await resizing.settle(vm.id, { cpu_cores: 4, memory_gb: 8, storage_gb: 40 });

    expect(await recordOf(vm)).toMatchObject({ size: 'large' });
  });

  it.each([
    ['cores', { cpu_cores: 65 }, '57 more cores were asked for, 56 are free.'],
    ['memory', { memory_gb: 58 }, '42 more GiB of memory were asked for, 41 are free.'],
    ['storage', { storage_gb: 901 }, '801 more GiB of storage were asked for, 800 are free.'],
  ])('refuses more %s than is free with the numbers, and changes nothing', async (_, more, words) => {
    const vm = await stoppedVm();
    const before = await redis.xlen(redisNames(HOST).events);

    expect(await refusal(resizing.admit(vm, { ...MEDIUM, ...more }, null))).toEqual(['RESOURCES_EXHAUSTED', words]);

    expect(await recordOf(vm)).toEqual(vm);
    expect(await heldBy(vm)).toEqual(MEDIUM);
    expect(await redis.xlen(redisNames(HOST).events)).toBe(before);
  });

  it('gives the last of what is free to one of two that ask at once', async () => {
    const vms = [await stoppedVm(), await stoppedVm()];
    const outcomes = await Promise.all(
      vms.map((vm) =>
        resizing.admit(vm, { ...MEDIUM, cpu_cores: 8 + 30 }, null).then(
          () => 'accepted',
          () => 'refused',
        ),
      ),
    );

    expect(outcomes.sort()).toEqual(['accepted', 'refused']);
  });

  it('takes what is less also of a host that is busy or whose load is unknown, and refuses what is more', async () => {
    const vm = await stoppedVm();
    await reports.monitor.save({ ...hostSample(), breaches: [{ dimension: 'cpu', value: 97, limit: 90 }] }, 60_000);
    expect(await refusal(resizing.admit(vm, { ...MEDIUM, cpu_cores: 9 }, null))).toEqual([
      'THRESHOLD_EXCEEDED',
      expect.stringContaining('97 %'),
    ]);
    await redis.del(redisNames(HOST).reportFresh('monitor'));
    expect(await refusal(resizing.admit(vm, { ...MEDIUM, cpu_cores: 9 }, null))).toEqual([
      'SAMPLES_STALE',
      expect.any(String),
    ]);

    expect(await resizing.admit(vm, { ...MEDIUM, cpu_cores: 7 }, null)).toMatchObject({ kind: 'resize' });
  });

  it('refuses what is more while the worker or its hypervisor is away', async () => {
    const vm = await stoppedVm();
    await reports.worker.save({ ...workerReport(), healthy: false, reason: 'The daemon is down.' }, 60_000);
    expect(await refusal(resizing.admit(vm, { ...MEDIUM, cpu_cores: 9 }, null))).toEqual([
      'HYPERVISOR_UNAVAILABLE',
      'The daemon is down.',
    ]);
    await redis.del(redisNames(HOST).reportFresh('worker'));
    expect((await refusal(resizing.admit(vm, { ...MEDIUM, cpu_cores: 9 }, null)))[0]).toBe('WORKER_UNAVAILABLE');
  });

  it('is not accepted on a record that has changed', async () => {
    const vm = await stoppedVm();
    await records.update({ vm: { id: vm.id, change: (current) => ({ ...current, status: 'error' }) } });

    expect(await resizing.admit(vm, { ...MEDIUM, cpu_cores: 1 }, null)).toBeUndefined();

    expect(await recordOf(vm)).toMatchObject({ resize: null, status: 'error' });
    expect(await heldBy(vm)).toEqual(MEDIUM);
  });

  it('gives nothing to a VM that was forgotten meanwhile', async () => {
    const vm = await stoppedVm();
    await resizing.admit(vm, { ...MEDIUM, cpu_cores: 9 }, null);
    await records.forget(await recordOf(vm));

    await resizing.settle(vm.id, { ...MEDIUM, cpu_cores: 9 });

    expect(await records.getVm(vm.id)).toBeUndefined();
    expect((await records.listReservations()).size).toBe(0);
  });
});
