import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  capacityOf,
  HostId,
  type HostSample,
  ImageName,
  newOperation,
  OperationId,
  redisNames,
  reservationOf,
  type VmId,
  VmName,
  type VmRecord,
  type VmSpec,
} from '@golem-provider/contracts';
import { AppError, systemClock } from '@golem-provider/service-kit';
import { eventually, hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { type Admission, createAdmission } from './admission.ts';
import { createRecordStore, type RecordStore } from './record-store.ts';
import { createReportStore } from './reports.ts';
import { createReservationAudit } from './reservation-audit.ts';

const HOST = HostId.parse('test-host');
const NAMES = redisNames(HOST);
const RANGE = { start: 50_800, end: 50_806 };
const MAX_VMS = 5;
const AT = '2026-01-01T00:00:00.000Z';
const DIMENSIONS = ['cpu_cores', 'memory_gb', 'storage_gb'] as const;
/** Cores are sold one and a half times: nine of six. */
const SAMPLE: HostSample = hostSample({
  total: { cpu_cores: 6, memory_gb: 12, storage_gb: 120 },
  cpu_overcommit: 1.5,
  sellable: { cpu_cores: 9, memory_gb: 10, storage_gb: 100 },
});
const REFUSALS = ['RESOURCES_EXHAUSTED', 'MAX_VMS_REACHED', 'PORTS_EXHAUSTED'];

/** What can happen next; `which` picks one of the VMs that are there. */
type Step =
  | { readonly kind: 'create'; readonly spec: VmSpec }
  | { readonly kind: 'restart_provider' }
  | { readonly kind: 'fail' | 'stop' | 'stopped' | 'start' | 'delete' | 'gone' | 'move_port'; readonly which: number };

/**
 * A step, and with which of its commands the connection is cut, if any: the command is sent and no answer comes, so that nobody
 * knows whether it took place.
 */
interface Action {
  readonly step: Step;
  readonly cutAt: number | null;
}

const spec = fc.record({
  cpu_cores: fc.integer({ min: 1, max: 4 }),
  memory_gb: fc.integer({ min: 1, max: 5 }),
  storage_gb: fc.integer({ min: 1, max: 40 }),
});
const onOne = fc.record({
  // Stops and starts most of all: they are what makes a VM hold less, and more again.
  kind: fc.oneof(
    { arbitrary: fc.constantFrom('stop', 'stopped', 'start'), weight: 4 },
    { arbitrary: fc.constantFrom('fail', 'delete', 'gone', 'move_port'), weight: 1 },
  ),
  which: fc.nat(20),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('create'), spec }), weight: 4 },
  { arbitrary: onOne, weight: 8 },
  { arbitrary: fc.constant({ kind: 'restart_provider' }), weight: 1 },
);
const cutAt = fc.option(fc.integer({ min: 1, max: 4 }), { freq: 3 });
const actions = fc.array(fc.record({ step, cutAt }), { minLength: 1, maxLength: 40, size: 'max' });

let server: RedisServer;
let observer: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  observer = server.client();
});
afterAll(() => server.stop());

/** The provider's processes, as far as they touch the records. */
interface Provider {
  readonly redis: Redis;
  /** The id of the connection. */
  readonly connection: string;
  readonly records: RecordStore;
  readonly admission: Admission;
}

async function startProvider(): Promise<Provider> {
  const redis = server.client();
  const connection = String(await redis.client('ID'));
  const records = createRecordStore(redis, HOST, systemClock);
  return {
    redis,
    connection,
    records,
    admission: createAdmission(redis, HOST, { maxVms: MAX_VMS, portRange: RANGE }, systemClock),
  };
}

async function perform({ records, admission }: Provider, step: Step, vms: readonly VmRecord[]): Promise<void> {
  if (step.kind === 'restart_provider') return;
  if (step.kind === 'create') {
    const image = ImageName.parse('debian:12');
    const name = VmName.parse('web');
    await admission.admit({ name, spec: step.spec, size: null, image, sshKey: null, streamId: null, requestId: null });
    return;
  }
  const vm = vms[step.which % Math.max(1, vms.length)];
  if (vm === undefined) return;
  const change = async (part: Partial<VmRecord>): Promise<void> => {
    const generation = vm.generation + 1;
    await records.update({ vm: { id: vm.id, change: (current) => ({ ...current, ...part, generation }) } });
  };
  const isThere = vm.desired === 'running' || vm.desired === 'stopped';
  switch (step.kind) {
    case 'fail':
      if (isThere) await change({ desired: 'discarded', status: 'error' });
      else if (vm.desired === 'discarded') await change({ proxy_port: null });
      return;
    case 'stop':
      if (isThere) await change({ desired: 'stopped', status: 'stopping' });
      return;
    case 'stopped':
      // By turns with and without the setting that gives cores and memory back.
      if (vm.desired === 'stopped') await change({ status: 'stopped', released: vm.released || step.which % 2 === 0 });
      return;
    case 'start':
      if (!isThere) return;
      await records.update({
        vm: {
          id: vm.id,
          change: (current) => ({ ...current, desired: 'running', status: 'starting', released: false }),
        },
        mayGrow: true,
        accept: ({ id: vm_id, generation }) =>
          newOperation(
            {
              id: OperationId.parse(`op-${crypto.randomUUID()}`),
              host_id: HOST,
              vm_id,
              kind: 'start',
              generation,
              request_id: null,
            },
            AT,
          ),
      });
      return;
    case 'delete':
      await change({ desired: 'deleted', status: 'deleting' });
      return;
    case 'gone':
      if (vm.desired === 'deleted') await records.forget(vm);
      return;
    case 'move_port':
      if (vm.proxy_port !== null) await records.movePort(vm.id, vm.proxy_port, RANGE);
      // Whatever was on the port is gone again.
      await records.setBusyPorts([]);
      return;
  }
}

/** The ids of all connections to Redis. */
async function connections(): Promise<string[]> {
  return [...String(await observer.client('LIST')).matchAll(/^id=(\d+) /gm)].map(([, id]) => String(id));
}

/** Cuts the connection once so many more commands have been sent through it. */
function cutOff(redis: Redis, afterCommands: number): true {
  let count = 0;
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (...command) => {
    const answer = send(...command);
    count += 1;
    if (count === afterCommands) redis.disconnect();
    return answer;
  };
  return true;
}

interface HostState {
  readonly vms: readonly VmRecord[];
  readonly held: ReadonlyMap<VmId, ReturnType<typeof reservationOf>>;
  readonly ports: Readonly<Record<string, string>>;
}

async function observe(): Promise<HostState> {
  const records = createRecordStore(observer, HOST, systemClock);
  return {
    vms: await records.listVms(),
    held: await records.listReservations(),
    ports: await observer.hgetall(NAMES.ports),
  };
}

/** What must hold at every moment. */
function expectSound({ vms, held, ports }: HostState): void {
  const holding = vms.filter((vm) => reservationOf(vm) !== undefined);
  expect(held).toEqual(new Map(holding.map((vm) => [vm.id, reservationOf(vm)])));

  const reservations = [...held.values()].flatMap((reservation) => reservation ?? []);
  const { total, host_reserve, reserved, available } = capacityOf(SAMPLE, reservations);
  for (const dimension of DIMENSIONS) {
    const parts = [host_reserve[dimension], reserved[dimension], available[dimension]];
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
    expect(reserved[dimension]).toBeLessThanOrEqual(SAMPLE.sellable[dimension]);
    const factor = dimension === 'cpu_cores' ? SAMPLE.cpu_overcommit : 1;
    expect(parts.reduce((sum, part) => sum + part)).toBe(total[dimension] * factor);
  }
  expect(held.size).toBeLessThanOrEqual(MAX_VMS);

  const given = holding.flatMap(({ proxy_port: port }) => port ?? []);
  expect(new Set(given).size).toBe(given.length);
  expect(ports).toEqual(Object.fromEntries(holding.map((vm) => [String(vm.proxy_port), vm.id])));
}

/** A refusal must have been one: as the numbers before it say. */
function expectJustified(error: unknown, step: Step, { held }: HostState): void {
  expect(REFUSALS).toContain(error instanceof AppError ? error.code : error);
  if (!(error instanceof AppError) || error.code !== 'RESOURCES_EXHAUSTED' || step.kind !== 'create') return;
  const { available } = capacityOf(
    SAMPLE,
    [...held.values()].flatMap((reservation) => reservation ?? []),
  );
  expect(DIMENSIONS.some((dimension) => step.spec[dimension] > available[dimension])).toBe(true);
}

async function run(steps: readonly Action[]): Promise<void> {
  await observer.flushall();
  const reports = createReportStore(observer, HOST);
  await reports.monitor.save(SAMPLE, 600_000);
  await reports.worker.save(workerReport(), 600_000);
  let provider = await startProvider();
  for (const { step, cutAt } of steps) {
    const before = await observe();
    const isCut = cutAt !== null && cutOff(provider.redis, cutAt);
    const done = perform(provider, step, before.vms).catch((error: unknown) => error);
    if (isCut) {
      await done;
      provider.redis.disconnect();
      // Redis lets go of a connection once it has read all that came through it.
      await eventually(async () => expect(await connections()).not.toContain(provider.connection), 15_000, 2);
      provider = await startProvider();
    } else {
      const error = await done;
      if (error !== undefined) {
        expectJustified(error, step, before);
        // A port that another program took stays marked; all else is as before.
        expect(await observe()).toEqual(before);
      }
      if (step.kind === 'restart_provider') {
        provider.redis.disconnect();
        provider = await startProvider();
      }
    }
    const after = await observe();
    expectSound(after);
    if (isCut || step.kind === 'restart_provider') {
      // What a start computes from the records is what was held before it.
      expect(await createReservationAudit(provider.redis, HOST, provider.records, systemClock).mend()).toEqual([]);
      expect(await observe()).toEqual(after);
    }
  }
  provider.redis.disconnect();
}

it('holds what the records say, never more than there is and no port twice, whatever happens and wherever it is cut off', async () => {
  await fc.assert(fc.asyncProperty(actions, run), { numRuns: 30 });
}, 300_000);
