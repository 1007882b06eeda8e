import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import {
  createMultipassEmulator,
  type EmulatorFault,
  type MultipassEmulator,
} from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const COUNT = 100;
const SLOTS = 8;
/** How long a launch of the emulator takes: short, so that the test is; `HUNDRED_LAUNCH_MS=2000` makes it one of real length. */
const LAUNCH_MS = Number(process.env['HUNDRED_LAUNCH_MS'] ?? '90');
/** Generous, beside what the launches alone take. */
const TIMEOUT_MS = 600_000 + (5 * COUNT * LAUNCH_MS) / SLOTS;
/** For one state to be reached: shorter, so that it can be told which was not. */
const WAIT_MS = TIMEOUT_MS / 2;

/** What goes wrong with every fifth launch. */
const FAULTS: readonly Omit<EmulatorFault, 'command'>[] = [
  { kind: 'die', ms: 20 },
  { kind: 'refuse', exitCode: 2, text: 'launch failed: out of luck\n' },
  { kind: 'rubbish', text: 'Lau\u0000nched?' },
  { kind: 'hang' },
  { kind: 'refuse', exitCode: 139, text: '' },
  { kind: 'truncate' },
  { kind: 'noise' },
];

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  const [prepareMs, bootMs, cloudInitMs] = [LAUNCH_MS / 4, LAUNCH_MS / 2, LAUNCH_MS / 4];
  // Guests that cost nothing: a hundred sshds that boot again at once, after the daemon was killed, would make it a matter of
  // the machine's speed how many launches are late.
  await emulator.configure({ guests: 'listener', downloadMs: 0, prepareMs, bootMs, cloudInitMs, shutdownMs: 20 });
  await emulator.startDaemon();
  bed = await createWorkerBed(server, emulator, process.env, {
    maxVms: COUNT,
    // A launch that hangs is given up after the sum of the two.
    settings: { GOLEM_PROVIDER_LAUNCH_TIMEOUT: '40' },
    tuning: { launchSlots: SLOTS, multipass: { graceMs: 1000, settleMs: 2000, pollMs: 250 } },
  });
  await bed.start();
}, TIMEOUT_MS);
afterAll(async () => {
  await bed.dispose();
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);

describe('a hundred creations of which every fifth meets a fault', () => {
  it(
    'all end, running or failed with a reason, each with a port of its own, and nothing leaks',
    async () => {
      for (let index = 0; index < COUNT / 5; index += 1) {
        const fault = FAULTS[index % FAULTS.length];
        if (fault !== undefined) await emulator.addFault({ command: 'launch', ...fault });
      }
      const accepted = await Promise.all(Array.from({ length: COUNT }, () => bed.create()));
      await eventually(async () => expect((await bed.running()).length).toBeGreaterThan(COUNT / 4), WAIT_MS);
      await emulator.killDaemon();
      await emulator.startDaemon();
      const operations = await Promise.all(accepted.map(({ operationId }) => bed.ended(operationId, WAIT_MS)));

      expect(await emulator.pendingFaults()).toBe(0);
      const ends = operations.map(({ status, error }) =>
        status === 'completed' ? status : `${status}: ${error?.code}`,
      );
      expect(ends.filter((end) => !/^completed$|^failed: [A-Z_]+$/.test(end))).toEqual([]);
      expect(ends.filter((end) => end === 'completed').length).toBeGreaterThan(COUNT / 2);

      await eventually(async () => {
        const vms = await bed.records.listVms();
        const kept = vms.filter((vm) => vm.desired === 'running');
        expect(kept.map((vm) => vm.status)).toEqual(kept.map(() => 'running'));
        const ids = kept.map((vm) => vm.id).sort();
        // Of a creation that failed the record is kept, and with it the manifest.
        const recorded = vms.map((vm) => vm.id).sort();
        expect(ids).toHaveLength(ends.filter((end) => end === 'completed').length);
        expect(Object.keys(await bed.instances()).sort()).toEqual(ids);
        expect((await readdir(join(bed.data.nginx, 'vms'))).sort()).toEqual(ids.map((id) => `vm_${id}.conf`));
        expect((await readdir(bed.data.vms)).sort()).toEqual(recorded);
        expect([...(await bed.records.listReservations()).keys()].sort()).toEqual(ids);
        expect(new Set(kept.map((vm) => vm.proxy_port)).size).toBe(kept.length);
        expect(await bed.records.listPendingOperations()).toEqual([]);
      }, WAIT_MS);
      // A job ends a moment after the record of its operation.
      await eventually(async () => expect(await bed.unfinishedJobs()).toBe(0), WAIT_MS);
    },
    TIMEOUT_MS,
  );
});
