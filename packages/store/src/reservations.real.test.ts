import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HostId,
  ImageName,
  newOperation,
  type Operation,
  OperationId,
  redisNames,
  reservationOf,
  type VmId,
  VmName,
  type VmRecord,
  VmSpec,
} from '@golem-provider/contracts';
import { AppError, systemClock } from '@golem-provider/service-kit';
import { hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { createAdmission } from './admission.ts';
import { createRecordStore, type RecordStore, type Updated } from './record-store.ts';
import { createReportStore } from './reports.ts';
import { createReservationAudit, type ReservationAudit } from './reservation-audit.ts';

const HOST = HostId.parse('test-host');
const NAMES = redisNames(HOST);
const LIMITS = { maxVms: 100, portRange: { start: 50_800, end: 50_900 } };
const FRESH_MS = 600_000;
const SPEC = VmSpec.parse({ cpu_cores: 2, memory_gb: 4, storage_gb: 20 });
/** Room for two VMs of `SPEC`. */
const SAMPLE = hostSample({
  total: { cpu_cores: 4, memory_gb: 10, storage_gb: 100 },
  sellable: { cpu_cores: 4, memory_gb: 8, storage_gb: 80 },
});

let server: RedisServer;
let redis: Redis;
let records: RecordStore;
let audit: ReservationAudit;

beforeAll(async () => {
  server = await startRedisServer();
  redis = server.client();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await redis.flushall();
  records = createRecordStore(redis, HOST, systemClock);
  audit = createReservationAudit(redis, HOST, records, systemClock);
  const reports = createReportStore(redis, HOST);
  await reports.monitor.save(SAMPLE, FRESH_MS);
  await reports.worker.save(workerReport(), FRESH_MS);
});

async function admit(spec = SPEC): Promise<VmId> {
  const admission = createAdmission(redis, HOST, LIMITS, systemClock);
  const { vmId } = await admission.admit({
    name: VmName.parse('web'),
    spec,
    size: null,
    image: ImageName.parse('debian:12'),
    sshKey: null,
    streamId: null,
    requestId: null,
  });
  return vmId;
}

function change(id: VmId, part: Partial<VmRecord>): Promise<Updated> {
  return records.update({ vm: { id, change: (vm) => ({ ...vm, ...part }) } });
}

/** A stop that has ended and gave cores and memory back. */
function stopAndRelease(id: VmId): Promise<Updated> {
  return change(id, { desired: 'stopped', status: 'stopped', released: true });
}

function startOf({ id: vm_id, generation }: VmRecord): Operation {
  const id = OperationId.parse(`op-${crypto.randomUUID()}`);
  return newOperation(
    { id, host_id: HOST, vm_id, kind: 'start', generation, request_id: null },
    '2026-01-01T00:00:00.000Z',
  );
}

/** A start as the gateway asks for it. */
function start(id: VmId): Promise<Updated> {
  return records.update({
    vm: {
      id,
      change: (vm) => ({
        ...vm,
        desired: 'running',
        status: 'starting',
        released: false,
        generation: vm.generation + 1,
      }),
    },
    mayGrow: true,
    accept: startOf,
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('was accepted'),
    (reason: unknown) => reason,
  );
  return error instanceof AppError ? error.code : String(error);
}

/** Everything that a refusal must leave as it is. */
async function everything(): Promise<unknown> {
  return [
    await records.listVms(),
    await records.listPendingOperations(),
    await records.listReservations(),
    await redis.hgetall(NAMES.ports),
    await redis.xlen(NAMES.events),
  ];
}

describe('a VM that gave its cores and memory back', () => {
  it('keeps its storage and its port, and others get the rest', async () => {
    const [first] = [await admit(), await admit()];
    expect(await codeOf(admit())).toBe('RESOURCES_EXHAUSTED');
    const { vm } = await stopAndRelease(first);

    expect((await records.listReservations()).get(first)).toEqual({
      cpu_cores: 0,
      memory_gb: 0,
      storage_gb: 20,
      port: vm?.proxy_port,
    });
    expect((await records.getVm(await admit()))?.status).toBe('creating');
  });

  it('is started when they are free, and holds them again from that moment', async () => {
    const id = await admit();
    await stopAndRelease(id);
    const { vm, operation } = await start(id);

    expect(vm).toMatchObject({ desired: 'running', released: false });
    expect(operation).toMatchObject({ kind: 'start', generation: 2 });
    expect((await records.listReservations()).get(id)).toMatchObject(SPEC);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['its cores are sold', () => admit({ cpu_cores: 3, memory_gb: 1, storage_gb: 1 }), 'RESOURCES_EXHAUSTED'],
    ['its memory is sold', () => admit({ cpu_cores: 1, memory_gb: 5, storage_gb: 1 }), 'RESOURCES_EXHAUSTED'],
    [
      'the host is over a limit',
      () =>
        createReportStore(redis, HOST).monitor.save(
          { ...SAMPLE, breaches: [{ dimension: 'memory', value: 91, limit: 85 }] },
          FRESH_MS,
        ),
      'THRESHOLD_EXCEEDED',
    ],
    ['the load is not known', () => redis.del(NAMES.reportFresh('monitor')), 'SAMPLES_STALE'],
    ['the worker is away', () => redis.del(NAMES.reportFresh('worker')), 'WORKER_UNAVAILABLE'],
  ])('is not started while %s, and nothing changes', async (_, happens, code) => {
    const id = await admit();
    await stopAndRelease(id);
    await happens();
    const before = await everything();

    expect(await codeOf(start(id))).toBe(code);
    expect(await everything()).toEqual(before);
  });

  it('is started once where there is room for one of many', async () => {
    const ids = [await admit(), await admit()];
    for (const id of ids) await stopAndRelease(id);
    await admit();

    const outcomes = await Promise.all(ids.flatMap((id) => [id, id, id]).map((id) => codeOf(start(id))));

    expect(new Set(outcomes)).toEqual(new Set(['Error: was accepted', 'RESOURCES_EXHAUSTED']));
    const running = (await records.listVms()).filter(({ released }) => !released);
    expect(running).toHaveLength(2);
  });
});

describe('what a VM holds', () => {
  it('never grows without being admitted', async () => {
    const id = await admit();
    await stopAndRelease(id);
    const before = await everything();

    expect(await codeOf(change(id, { released: false }))).toBe('INTERNAL');
    expect(await codeOf(change(id, { spec: { ...SPEC, storage_gb: 21 } }))).toBe('INTERNAL');
    expect(await everything()).toEqual(before);
  });

  it('is given back with the write by which the record says so', async () => {
    const id = await admit();
    await change(id, { desired: 'discarded', status: 'error', proxy_port: null });

    expect(await records.listReservations()).toEqual(new Map());
    expect(await redis.hgetall(NAMES.ports)).toEqual({});
    expect(await redis.zrange(NAMES.releasedPorts, '0', '-1')).toHaveLength(1);
  });

  it('stays when the record could not be forgotten', async () => {
    const id = await admit();
    const old = await records.getVm(id);
    await change(id, { status: 'error' });

    expect(old && (await records.forget(old))).toBe(false);
    expect((await records.listReservations()).size).toBe(1);
  });
});

describe('the audit', () => {
  it.each<[string, (id: VmId, port: string) => Promise<unknown>]>([
    ['a reservation is lost', (id) => redis.hdel(NAMES.reservations, id)],
    ['a reservation says too much', (id, port) => setReservation(id, { ...SPEC, cpu_cores: 3, port: Number(port) })],
    ['a reservation is damaged', (id) => redis.hset(NAMES.reservations, id, '{')],
    ['a port stands as free', (_, port) => redis.hdel(NAMES.ports, port)],
    ['a port stands as held that is not', (id) => redis.hset(NAMES.ports, '50899', id)],
    [
      'a VM that is gone holds something',
      () => setReservation('golem-gone-20260101-000000', { ...SPEC, port: 50_890 }),
    ],
    [
      'a port stands as that of a VM that is gone',
      () => redis.hset(NAMES.ports, '50890', 'golem-gone-20260101-000000'),
    ],
    ['all of it is lost', () => redis.del(NAMES.reservations, NAMES.ports)],
  ])('mends by the records when %s, and finds nothing the next time', async (_, damage) => {
    const id = await admit();
    const port = String((await records.getVm(id))?.proxy_port);
    await damage(id, port);

    expect(await audit.mend()).toHaveLength(1);
    expect(await records.listReservations()).toEqual(new Map([[id, { ...SPEC, port: Number(port) }]]));
    expect(await redis.hgetall(NAMES.ports)).toEqual({ [port]: id });
    expect(await audit.mend()).toEqual([]);
  });

  it('says when the records themselves give a port to two VMs, and takes it from none', async () => {
    const [first, second] = [await admit(), await admit()];
    const port = (await records.getVm(first))?.proxy_port ?? 0;
    const vm = await records.getVm(second);
    await redis.hset(NAMES.vm(second), 'json', JSON.stringify({ ...vm, proxy_port: port }));

    expect(await audit.mend()).toMatchObject([{ vmId: second, isPortShared: true }]);
    expect(await redis.hget(NAMES.ports, String(port))).toBe(first);
  });

  it('takes no change under way for a difference', async () => {
    const ids = [await admit(), await admit()];
    const busy = ids.map(async (id) => {
      for (let round = 0; round < 25; round += 1) {
        await stopAndRelease(id);
        await start(id);
        const vm = await records.getVm(id);
        await records.movePort(id, vm?.proxy_port ?? 0, LIMITS.portRange);
      }
    });
    const findings: unknown[] = [];
    const looking = (async () => {
      for (let round = 0; round < 50; round += 1) findings.push(...(await audit.mend()));
    })();
    await Promise.all([...busy, looking]);

    expect(findings).toEqual([]);
    const vms = await records.listVms();
    expect(await records.listReservations()).toEqual(new Map(vms.map((vm) => [vm.id, reservationOf(vm)])));
  });
});

function setReservation(id: string, reservation: object): Promise<number> {
  return redis.hset(NAMES.reservations, id, JSON.stringify(reservation));
}
