import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { VmId, VmRecord } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, FIRST_LOOK_ALONE, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 120_000;

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;
let vm: VmRecord;

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
  bed = await createWorkerBed(server, emulator, process.env, { tuning: FIRST_LOOK_ALONE });
  await bed.start();
  const { vmId, operationId } = await bed.create();
  await bed.ended(operationId);
  vm = await bed.recordOf(vmId);
}, TIMEOUT_MS);
afterEach(async () => {
  try {
    if ((await bed.records.getVm(vm.id)) !== undefined) await bed.ended(await bed.change(vm.id, 'delete'));
    await bed.expectNothingHeld();
  } finally {
    await bed.dispose();
  }
}, TIMEOUT_MS);

/** What a person does with the hypervisor behind the provider's back. */
async function multipass(...args: string[]): Promise<void> {
  await promisify(execFile)(emulator.program, args);
}

/** The record says that the VM needs a person. Before anything happens to the guest: of one that should run the worker sees at once that it is silent. */
async function breakRecord(id: VmId): Promise<void> {
  await bed.records.update({ vm: { id, change: (current) => ({ ...current, status: 'error' }) } });
}

async function banner(): Promise<string> {
  return readSshBanner('127.0.0.1', vm.proxy_port ?? 0, { signal: AbortSignal.timeout(10_000) });
}

describe('a VM that needs a person', () => {
  it(
    'is not made anew without a word where its machine is gone; recreated, it has its keys and its port',
    async () => {
      await breakRecord(vm.id);
      await multipass('delete', '--purge', vm.id);

      expect(await bed.ended(await bed.change(vm.id, 'retry'))).toMatchObject({
        status: 'failed',
        error: { code: 'VM_INTERRUPTED', message: expect.stringContaining('does not list the machine') },
      });
      expect(await bed.ended(await bed.change(vm.id, 'start'))).toMatchObject({ status: 'failed' });
      expect(await emulator.guestProcesses()).toEqual([]);
      expect(await bed.ended(await bed.change(vm.id, 'recreate'))).toMatchObject({ status: 'completed' });

      const { keys, proxy_port } = vm;
      expect(await bed.recordOf(vm.id)).toMatchObject({ status: 'running', error: null, keys, proxy_port });
      expect(await banner()).toMatch(/^SSH-2\.0-/);
    },
    TIMEOUT_MS,
  );

  it(
    'is replaced by a new machine where the old one is there still',
    async () => {
      const before = await emulator.guestProcesses();
      await breakRecord(vm.id);

      expect(await bed.ended(await bed.change(vm.id, 'recreate'))).toMatchObject({ status: 'completed' });

      expect(before).not.toEqual([]);
      expect(await bed.recordOf(vm.id)).toMatchObject({ status: 'running', proxy_port: vm.proxy_port });
      expect(await banner()).toMatch(/^SSH-2\.0-/);
      expect(await bed.audit()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is taken as it is: off, what should run; on, what should be off',
    async () => {
      await breakRecord(vm.id);
      await multipass('stop', vm.id);
      expect(await bed.ended(await bed.change(vm.id, 'adopt'))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(vm.id)).toMatchObject({ desired: 'stopped', status: 'stopped', error: null });
      await expect(banner()).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });

      await multipass('start', vm.id);
      expect(await bed.ended(await bed.change(vm.id, 'adopt'))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(vm.id)).toMatchObject({ desired: 'running', status: 'running', error: null });
      expect(await banner()).toMatch(/^SSH-2\.0-/);
    },
    TIMEOUT_MS,
  );

  it(
    'is brought to what it should be by a retry',
    async () => {
      await breakRecord(vm.id);
      await multipass('stop', vm.id);

      expect(await bed.ended(await bed.change(vm.id, 'retry'))).toMatchObject({ status: 'completed' });

      expect(await bed.recordOf(vm.id)).toMatchObject({ status: 'running', error: null });
      expect(await banner()).toMatch(/^SSH-2\.0-/);
    },
    TIMEOUT_MS,
  );
});
