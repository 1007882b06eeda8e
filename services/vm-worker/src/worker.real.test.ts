import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

/** There to end a test that hangs: longer than a state may take, which then says what was there instead. */
const TIMEOUT_MS = 180_000;

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
  await emulator.configure({ bootMs: 100 });
  bed = await createWorkerBed(server, emulator, process.env);
});
afterEach(() => bed.dispose(), TIMEOUT_MS);

describe('the worker', () => {
  it(
    'makes a VM that is reachable through its port, and deletes it without a trace',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();

      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed', phase: 'done', error: null });
      const vm = await bed.recordOf(vmId);
      expect(vm).toMatchObject({ status: 'running', error: null });
      const signal = AbortSignal.timeout(10_000);
      expect(await readSshBanner('127.0.0.1', vm.proxy_port ?? 0, { signal })).toMatch(/^SSH-2\.0-/);

      expect(await bed.ended(await bed.change(vmId, 'delete'))).toMatchObject({ status: 'completed' });
      expect(await bed.records.getVm(vmId)).toBeUndefined();
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'stops, starts and restarts a VM behind the same port, and each once more changes nothing',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      const { proxy_port: port } = await bed.recordOf(vmId);
      const banner = (): Promise<string> =>
        readSshBanner('127.0.0.1', port ?? 0, { signal: AbortSignal.timeout(10_000) });

      for (const repetition of [1, 2]) {
        expect(await bed.ended(await bed.change(vmId, 'stop'))).toMatchObject({ status: 'completed' });
        expect(await bed.recordOf(vmId)).toMatchObject({ status: 'stopped', proxy_port: port });
        // Killed is not gone yet.
        await eventually(async () => expect([repetition, await emulator.guestProcesses()]).toEqual([repetition, []]));
        await expect(banner()).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
      }
      for (const kind of ['start', 'start', 'restart'] as const) {
        expect(await bed.ended(await bed.change(vmId, kind))).toMatchObject({ status: 'completed' });
        expect(await bed.recordOf(vmId)).toMatchObject({ status: 'running', proxy_port: port });
        expect(await banner()).toMatch(/^SSH-2\.0-/);
      }

      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'finds operations that were accepted but never enqueued',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.admit();
      await bed.stop();
      await bed.start();

      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed', error: null });
      await bed.ended(await bed.change(vmId, 'delete'));
    },
    TIMEOUT_MS,
  );

  it(
    'gives everything back after a creation that failed for good, and tells why',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create('debian:12');

      expect(await bed.ended(operationId)).toMatchObject({ status: 'failed', error: { code: 'IMAGE_UNKNOWN' } });
      expect(await bed.recordOf(vmId)).toMatchObject({
        status: 'error',
        proxy_port: null,
        error: { code: 'IMAGE_UNKNOWN' },
      });
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'tries again after a failure that may pass',
    async () => {
      await bed.start();
      await emulator.addFault({ command: 'launch', kind: 'refuse', exitCode: 2, text: 'launch failed: out of luck\n' });
      const { vmId, operationId } = await bed.create();

      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await bed.recordOf(vmId)).toMatchObject({ status: 'running', error: null });
      await bed.ended(await bed.change(vmId, 'delete'));
    },
    TIMEOUT_MS,
  );

  it(
    'takes up a creation in whose midst it was stopped, and makes one machine',
    async () => {
      // Until it is told otherwise, the guest boots.
      await emulator.configure({ bootMs: 20_000 });
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await eventually(async () => expect(await emulator.guestProcesses()).not.toEqual([]), TIMEOUT_MS);
      expect(await bed.records.getOperation(operationId)).toMatchObject({ status: 'active' });

      await bed.stop();
      await bed.start();
      await emulator.configure({ bootMs: 100 });

      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed', error: null });
      expect(await bed.recordOf(vmId)).toMatchObject({ status: 'running' });
      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS * 2,
  );

  it(
    'lets a deletion overtake the creation that is under way',
    async () => {
      await emulator.configure({ bootMs: 20_000 });
      await bed.start();
      const creation = await bed.create();
      await eventually(async () => expect(await emulator.guestProcesses()).not.toEqual([]), TIMEOUT_MS);

      const deletion = await bed.change(creation.vmId, 'delete');

      expect(await bed.ended(deletion)).toMatchObject({ status: 'completed' });
      expect(await bed.ended(creation.operationId)).toMatchObject({ status: 'cancelled' });
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'changes nothing while the hypervisor does not answer, and goes on as before when it does',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      const before = await bed.recordOf(vmId);
      await bed.stop();
      await emulator.stopDaemon();

      await bed.start(false);
      await eventually(async () => expect(await bed.recordOf(vmId)).toMatchObject({ status: 'unknown' }), TIMEOUT_MS);

      const { proxy_port, keys } = before;
      expect(await bed.recordOf(vmId)).toMatchObject({ proxy_port, keys, desired: 'running' });
      expect((await bed.records.listReservations()).size).toBe(1);
      await access(join(bed.data.nginx, 'vms', `vm_${vmId}.conf`));
      await emulator.startDaemon();
      await eventually(async () => expect(await bed.recordOf(vmId)).toMatchObject({ status: 'running' }), TIMEOUT_MS);
      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS * 2,
  );
});
