import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HostId,
  ImageName,
  newOperation,
  type Operation,
  OperationId,
  redisNames,
  VmName,
  type VmRecord,
  VmSpec,
} from '@golem-provider/contracts';
import { AppError, systemClock } from '@golem-provider/service-kit';
import { hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { type Admission, type AdmissionRequest, createAdmission } from './admission.ts';
import { createRecordStore, type RecordStore } from './record-store.ts';
import { createReportStore } from './reports.ts';

const HOST = HostId.parse('test-host');
const LIMITS = { maxVms: 10, portRange: { start: 50_800, end: 50_820 } };
const SMALL = VmSpec.parse({ cpu_cores: 1, memory_gb: 1, storage_gb: 10 });

function request(spec: VmSpec = SMALL, name = 'web'): AdmissionRequest {
  return {
    name: VmName.parse(name),
    spec,
    size: null,
    image: ImageName.parse('debian:12'),
    sshKey: null,
    streamId: null,
    requestId: 'r-1',
  };
}

let server: RedisServer;
let redis: Redis;
let records: RecordStore;
let admission: Admission;

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  records = createRecordStore(redis, HOST, systemClock);
  admission = createAdmission(redis, HOST, LIMITS, systemClock);
  const reports = createReportStore(redis, HOST);
  await reports.monitor.save(hostSample(), 60_000);
  await reports.worker.save(workerReport(), 60_000);
});

async function admitted(spec?: VmSpec): Promise<VmRecord> {
  const { vmId } = await admission.admit(request(spec));
  const vm = await records.getVm(vmId);
  if (vm === undefined) throw new Error(`no record of ${vmId}`);
  return vm;
}

function deletion({ id: vm_id, generation, created_at }: VmRecord): Operation {
  const id = OperationId.parse(`op-${crypto.randomUUID()}`);
  return newOperation({ id, host_id: HOST, vm_id, kind: 'delete', generation, request_id: null }, created_at);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('was accepted'),
    (reason: unknown) => reason,
  );
  return error instanceof AppError ? error.code : String(error);
}

describe('admission', () => {
  it('writes the record, its operation and its reservation together', async () => {
    const { vmId, operationId, port } = await admission.admit(request());

    expect(await records.getVm(vmId)).toMatchObject({
      id: vmId,
      status: 'creating',
      proxy_port: port,
      revision: 1,
      spec: SMALL,
    });
    expect(await records.getOperation(operationId)).toMatchObject({ vm_id: vmId, kind: 'create', request_id: 'r-1' });
    expect(await records.listReservations()).toEqual(new Map([[vmId, { ...SMALL, port }]]));
    expect((await records.listPendingOperations()).map(({ id }) => id)).toEqual([operationId]);
    expect(await redis.xlen(redisNames(HOST).events)).toBe(2);
  });

  it('accepts exactly as many of many at once as there are places, with ports and ids of their own', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () =>
        admission.admit(request()).then(
          ({ port }) => port,
          (error: unknown) => error,
        ),
      ),
    );
    const ports = outcomes.filter((outcome) => typeof outcome === 'number');
    const codes = outcomes.flatMap((outcome) => (outcome instanceof AppError ? [outcome.code] : []));

    expect(new Set(ports).size).toBe(10);
    expect(codes).toEqual(Array.from({ length: 190 }, () => 'MAX_VMS_REACHED'));
    expect(new Set((await records.listVms()).map(({ id }) => id)).size).toBe(10);
    expect(await redis.hlen(redisNames(HOST).ports)).toBe(10);
  });

  it.each([
    ['cores', { cpu_cores: 65, memory_gb: 1, storage_gb: 10 }],
    ['memory beyond the host reserve', { cpu_cores: 1, memory_gb: 58, storage_gb: 10 }],
    ['storage beyond the host reserve', { cpu_cores: 1, memory_gb: 1, storage_gb: 901 }],
  ])('refuses more %s than is free, and holds nothing', async (_, spec) => {
    expect(await refusal(admission.admit(request(spec)))).toBe('RESOURCES_EXHAUSTED');

    expect(await records.listVms()).toEqual([]);
    expect((await records.listReservations()).size).toBe(0);
    expect(await records.listPendingOperations()).toEqual([]);
  });

  it('gives the last of what is free', async () => {
    await admission.admit(request({ cpu_cores: 64, memory_gb: 57, storage_gb: 900 }));

    expect(await refusal(admission.admit(request()))).toBe('RESOURCES_EXHAUSTED');
  });

  it('refuses while the load is unknown, too high, or the worker or its hypervisor is away', async () => {
    const names = redisNames(HOST);
    const reports = createReportStore(redis, HOST);
    const breaches = [{ dimension: 'cpu' as const, value: 97, limit: 90 }];

    await reports.monitor.save({ ...hostSample(), breaches }, 60_000);
    expect(await refusal(admission.admit(request()))).toBe('THRESHOLD_EXCEEDED');
    await redis.del(names.reportFresh('monitor'));
    expect(await refusal(admission.admit(request()))).toBe('SAMPLES_STALE');
    await reports.worker.save({ ...workerReport(), healthy: false, reason: 'The daemon is down.' }, 60_000);
    expect(await refusal(admission.admit(request()))).toBe('HYPERVISOR_UNAVAILABLE');
    await redis.del(names.reportFresh('worker'));
    expect(await refusal(admission.admit(request()))).toBe('WORKER_UNAVAILABLE');
  });

  it('skips busy ports, and gives a port again only after those that rest longer', async () => {
    await records.setBusyPorts([50_800]);
    const first = await admitted();
    await records.forget(first);
    const second = await admitted();
    await records.forget(second);
    await records.setBusyPorts(Array.from({ length: 18 }, (_, index) => 50_802 + index).concat(50_800));
    const third = await admitted();

    expect([first, second, third].map((vm) => vm.proxy_port)).toEqual([50_801, 50_802, 50_801]);
  });

  it('refuses when every port is in use', async () => {
    await records.setBusyPorts(Array.from({ length: 20 }, (_, index) => 50_800 + index));

    expect(await refusal(admission.admit(request()))).toBe('PORTS_EXHAUSTED');
  });
});

describe('records', () => {
  it('loses no change of two writers', async () => {
    const vm = await admitted();

    await Promise.all(
      Array.from({ length: 8 }, () =>
        records.update({
          vm: { id: vm.id, change: (current) => ({ ...current, generation: current.generation + 1 }) },
        }),
      ),
    );

    expect(await records.getVm(vm.id)).toMatchObject({ generation: 9, revision: 9 });
  });

  it('accepts an operation only together with the change of its VM', async () => {
    const vm = await admitted();

    const refused = await records.update({ vm: { id: vm.id, change: () => undefined }, accept: deletion });
    const accepted = await records.update({
      vm: { id: vm.id, change: (current) => ({ ...current, desired: 'deleted', generation: 2, status: 'deleting' }) },
      accept: deletion,
    });

    expect(refused.operation).toBeUndefined();
    expect(accepted.operation).toMatchObject({ kind: 'delete', generation: 2 });
    expect(await records.listPendingOperations()).toHaveLength(2);
  });

  it('keeps a finished operation for a week and no longer among those that are pending', async () => {
    const { operationId } = await admission.admit(request());

    await records.update({
      operation: { id: operationId, change: (current) => ({ ...current, status: 'completed' }) },
    });

    expect(await records.listPendingOperations()).toEqual([]);
    const ttlDays = (await redis.pttl(redisNames(HOST).operation(operationId))) / 86_400_000;
    expect(ttlDays).toBeGreaterThan(6.9);
  });

  it('forgets a VM and all that it holds, once, and never gives its id again', async () => {
    const vm = await admitted();

    expect(await records.forget(vm)).toBe(true);
    expect(await records.forget(vm)).toBe(false);

    expect(await records.getVm(vm.id)).toBeUndefined();
    expect((await records.listReservations()).size).toBe(0);
    expect(await redis.hlen(redisNames(HOST).ports)).toBe(0);
    expect((await admitted()).id).not.toBe(vm.id);
  });

  it('does not forget a VM that has changed since it was read', async () => {
    const vm = await admitted();
    await records.update({ vm: { id: vm.id, change: (current) => ({ ...current, status: 'error' }) } });

    expect(await records.forget(vm)).toBe(false);
    expect(await records.getVm(vm.id)).toMatchObject({ status: 'error' });
  });

  it('moves a VM from a busy port, and finds the move again after a crash in its midst', async () => {
    const vm = await admitted();
    const port = vm.proxy_port ?? 0;

    const moved = await records.movePort(vm.id, port, LIMITS.portRange);
    const again = await records.movePort(vm.id, port, LIMITS.portRange);

    expect(moved).not.toBe(port);
    expect(again).toBe(moved);
    expect(await records.getVm(vm.id)).toMatchObject({ proxy_port: moved });
    expect(await redis.hgetall(redisNames(HOST).ports)).toEqual({ [String(moved)]: vm.id });
  });
});
