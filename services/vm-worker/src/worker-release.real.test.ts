import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, redisNames } from '@golem-provider/contracts';
import { eventually, hostSample, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, FIRST_LOOK_ALONE, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 180_000;
const NAMES = redisNames(HostId.parse('local'));
/** Room for one VM that runs and for the disks of ten. */
const NARROW = hostSample({ sellable: { cpu_cores: 1, memory_gb: 1, storage_gb: 100 } });

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 50, bootMs: 100, cloudInitMs: 50, shutdownMs: 50 });
  await emulator.startDaemon();
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);
beforeEach(async () => {
  bed = await createWorkerBed(
    server,
    emulator,
    { ...process.env, GOLEM_PROVIDER_RELEASE_ON_STOP: 'true' },
    { tuning: FIRST_LOOK_ALONE },
  );
  await bed.reports.monitor.save(NARROW, 600_000);
});
afterEach(() => bed.dispose(), TIMEOUT_MS);

describe('a worker that gives cores and memory back when a VM is stopped', () => {
  it(
    'lets another VM have them, and starts the first one again only when they are free',
    async () => {
      await bed.start();
      const first = await bed.create();
      await bed.ended(first.operationId);
      await expect(bed.admit()).rejects.toMatchObject({ code: 'RESOURCES_EXHAUSTED' });
      expect(await bed.ended(await bed.change(first.vmId, 'stop'))).toMatchObject({ status: 'completed' });
      const stopped = await bed.recordOf(first.vmId);
      expect(stopped).toMatchObject({ status: 'stopped', released: true });

      const second = await bed.create();
      expect(await bed.ended(second.operationId)).toMatchObject({ status: 'completed' });
      await expect(bed.change(first.vmId, 'start')).rejects.toMatchObject({ code: 'RESOURCES_EXHAUSTED' });
      expect(await bed.recordOf(first.vmId)).toEqual(stopped);
      // A restart gives nothing back in between.
      expect(await bed.ended(await bed.change(second.vmId, 'restart'))).toMatchObject({ status: 'completed' });
      const guests = await emulator.guestProcesses();
      await bed.stop();
      await bed.start();
      // No operation is taken up before the whole host was looked at.
      expect(await bed.ended(await bed.change(second.vmId, 'start'))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(first.vmId)).toEqual(stopped);
      expect(await emulator.guestProcesses()).toEqual(guests);

      await bed.ended(await bed.change(second.vmId, 'delete'));
      expect(await bed.ended(await bed.change(first.vmId, 'start'))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(first.vmId)).toMatchObject({
        status: 'running',
        released: false,
        proxy_port: stopped.proxy_port,
      });
      expect((await bed.records.listReservations()).get(first.vmId)).toMatchObject({ cpu_cores: 1, memory_gb: 1 });
      await bed.ended(await bed.change(first.vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS * 2,
  );

  it(
    'gives them back when it was killed before it could write that the VM is off, and mends what differs from the records',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      await bed.stop();
      await bed.records.update({
        vm: { id: vmId, change: (vm) => ({ ...vm, desired: 'stopped', status: 'stopping' }) },
      });
      await server.client().del(NAMES.reservations, NAMES.ports);

      await bed.start();

      await eventually(
        async () => expect(await bed.recordOf(vmId)).toMatchObject({ status: 'stopped', released: true }),
        TIMEOUT_MS,
      );
      const { proxy_port: port } = await bed.recordOf(vmId);
      expect(await bed.records.listReservations()).toEqual(
        new Map([[vmId, { cpu_cores: 0, memory_gb: 0, storage_gb: 10, port }]]),
      );
      await eventually(async () =>
        expect((await bed.reports.worker.read())?.report.reservation_drift).toMatchObject({ total: 1 }),
      );
      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'holds them again for a machine that is adopted while it runs, if they are free',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      await bed.ended(await bed.change(vmId, 'stop'));
      await bed.byHand('start', vmId);

      expect(await bed.ended(await bed.change(vmId, 'adopt'))).toMatchObject({ status: 'completed' });

      expect(await bed.recordOf(vmId)).toMatchObject({ desired: 'running', status: 'running', released: false });
      expect((await bed.records.listReservations()).get(vmId)).toMatchObject({ cpu_cores: 1, memory_gb: 1 });
      await bed.ended(await bed.change(vmId, 'stop'));
      await bed.byHand('start', vmId);
      await bed.reports.monitor.save(
        hostSample({ sellable: { cpu_cores: 0, memory_gb: 0, storage_gb: 100 } }),
        600_000,
      );
      expect(await bed.ended(await bed.change(vmId, 'adopt'))).toMatchObject({
        status: 'failed',
        error: { code: 'RESOURCES_EXHAUSTED' },
      });
      expect((await bed.records.listReservations()).get(vmId)).toMatchObject({ cpu_cores: 0, memory_gb: 0 });
      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});
