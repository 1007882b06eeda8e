import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { VmId, VmRecord } from '@golem-provider/contracts';
import {
  eventually,
  type RedisServer,
  startRedisServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@golem-provider/testing';
import { nginxPlaces } from './forwarding/nginx-port-forwarder.ts';
import { stopPrivateNginx } from './forwarding/private-nginx.ts';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createShiftableClock, type ShiftableClock } from './testing/shiftable-clock.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 240_000;
const STATE_MS = 60_000;
const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

let server: RedisServer;
let emulator: MultipassEmulator;
let programs: TemporaryDirectory;
let clock: ShiftableClock;
let bed: WorkerBed;

beforeAll(async () => {
  [server, emulator, programs] = await Promise.all([
    startRedisServer(),
    createMultipassEmulator(process.env),
    temporaryDirectory(),
  ]);
  await emulator.configure({ downloadMs: 0, prepareMs: 20, bootMs: 50, cloudInitMs: 20, shutdownMs: 20 });
  await emulator.startDaemon();
  const nginx = join(programs.path, 'nginx');
  await writeFile(nginx, `#!/bin/sh\n[ -e ${programs.path}/broken ] && exit 1\nPATH=\${PATH#*:} exec nginx "$@"\n`);
  await chmod(nginx, 0o755);
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
  await programs.dispose();
}, TIMEOUT_MS);
beforeEach(async () => {
  clock = createShiftableClock();
  bed = await createWorkerBed(server, emulator, process.env, {
    tuning: { clock, resync: { intervalMs: 100, unhealthyIntervalMs: 100 } },
    settings: { PATH: `${programs.path}:${process.env['PATH'] ?? ''}` },
  });
  await bed.start();
}, TIMEOUT_MS);
afterEach(() => bed.dispose(), TIMEOUT_MS);

async function newVm(): Promise<VmId> {
  const { vmId, operationId } = await bed.create();
  expect(await bed.ended(operationId)).toMatchObject({ status: 'completed' });
  return vmId;
}

async function expectReachable(id: VmId): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const { proxy_port: port } = await bed.recordOf(id);
  expect(await readSshBanner('127.0.0.1', port ?? 0, { signal })).toMatch(/^SSH-2\.0-/);
}

/** A record without what an outage may change. */
function lasting({ status, updated_at, revision, ...rest }: VmRecord): Partial<VmRecord> {
  expect([status, updated_at, revision]).toHaveLength(3);
  return rest;
}

/** All that must not change while nothing is known. */
async function holdings(): Promise<unknown> {
  const files = await readdir(bed.data.vms, { recursive: true });
  return {
    records: (await bed.records.listVms()).map(lasting),
    reservations: await bed.records.listReservations(),
    forwards: await readdir(join(bed.data.nginx, 'vms')),
    // A manifest that is being written anew stands as a draft beside the one that it replaces.
    files: files.filter((name) => !name.endsWith('.draft')).toSorted(),
  };
}

const statuses = async (): Promise<string[]> => (await bed.records.listVms()).map((vm) => vm.status);
const health = async (): Promise<string | null | undefined> => (await bed.reports.worker.read())?.report.reason;
const shownStatuses = async (): Promise<string[]> =>
  (await bed.events()).flatMap((event) => (event.type === 'vm' ? [event.status] : []));

describe('an outage of the hypervisor', () => {
  it(
    'changes nothing but the status for as long as it lasts, and nothing at all afterwards',
    async () => {
      const ids = [await newVm(), await newVm()] as const;
      await bed.ended(await bed.change(ids[1], 'stop'));
      await bed.anotherLook();
      const before = await holdings();

      await emulator.stopDaemon();
      for (let minute = 0; minute < 10; minute += 1) {
        clock.shift({ elapsedMs: MINUTE_MS, nowMs: MINUTE_MS });
        await bed.anotherLook();
        expect(await statuses()).toEqual(['unknown', 'unknown']);
        expect(await holdings()).toEqual(before);
      }
      await eventually(async () => expect(await health()).toMatch(/hypervisor|Multipass|daemon/i), STATE_MS);
      await expect(bed.admit()).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });

      await emulator.startDaemon();
      await eventually(async () => expect(await statuses()).toEqual(['running', 'stopped']), STATE_MS);
      expect(await holdings()).toEqual(before);
      await eventually(async () => expect(await health()).toBeNull(), STATE_MS);
      await expectReachable(ids[0]);

      for (const id of ids) await bed.ended(await bed.change(id, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});

describe('an outage of the proxy', () => {
  it(
    'says nothing about the VMs, shows in the health of the worker, and is mended',
    async () => {
      const id = await newVm();
      await bed.anotherLook();
      const before = await holdings();

      await writeFile(join(programs.path, 'broken'), '');
      await stopPrivateNginx(nginxPlaces({}, bed.data), AbortSignal.timeout(20_000));
      await eventually(async () => expect(await health()).toMatch(/proxy|nginx/i), STATE_MS);
      for (let minute = 0; minute < 10; minute += 1) {
        clock.shift({ elapsedMs: MINUTE_MS, nowMs: MINUTE_MS });
        await bed.anotherLook();
      }
      expect(await holdings()).toEqual(before);
      expect(await shownStatuses()).toEqual(['creating', 'running']);
      await expect(bed.admit()).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });

      await rm(join(programs.path, 'broken'));
      await eventually(async () => expect(await health()).toBeNull(), STATE_MS);
      await expectReachable(id);
      expect(await shownStatuses()).toEqual(['creating', 'running']);
      await bed.ended(await bed.change(id, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});

describe('a clock of the day that is set', () => {
  it.each([
    ['forwards', YEAR_MS],
    ['back', -YEAR_MS],
  ])(
    '%s by a year changes no VM, and does not end the record of a failed creation before its time',
    async (_, nowMs) => {
      const id = await newVm();
      const failed = await bed.create('debian:12');
      expect(await bed.ended(failed.operationId)).toMatchObject({ status: 'failed' });
      await bed.anotherLook();
      // Written once more after the keys are gone.
      await eventually(
        async () => expect(await readdir(bed.data.vm(failed.vmId))).toEqual(['manifest.json']),
        STATE_MS,
      );
      const before = await holdings();

      clock.shift({ nowMs });
      for (let look = 0; look < 3; look += 1) await bed.anotherLook();

      expect(await holdings()).toEqual(before);
      expect(await statuses()).toEqual(['running', 'error']);
      clock.shift({ elapsedMs: 25 * 60 * MINUTE_MS });
      await eventually(async () => expect(await statuses()).toEqual(['running']), STATE_MS);
      await expectReachable(id);
      await bed.ended(await bed.change(id, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});
