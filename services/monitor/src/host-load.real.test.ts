import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Dimension, HostId, ImageName, redisNames, VmName, type VmRecord } from '@golem-provider/contracts';
import { createLogger, isAppError, systemClock } from '@golem-provider/service-kit';
import {
  createAdmission,
  createRecordStore,
  createReportStore,
  createSampleHistory,
  type RecordStore,
  type ReportStore,
} from '@golem-provider/store';
import {
  eventually,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
  workerReport,
} from '@golem-provider/testing';
import { createHostSampler } from './host-sampler.ts';
import { createMonitor } from './monitor.ts';
import type { SampleRules } from './sample.ts';
import { createLimitedGroup, type LimitedGroup } from './testing/limited-group.ts';

const HOST = HostId.parse('test-host');
const NAMES = redisNames(HOST);
const STATE_TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;
/**
 * Limits that any load at all is over and none is under, so that how busy this machine is decides nothing. All of the host is
 * sold, as it is small.
 */
const RULES: SampleRules = {
  thresholds: { cpu: 4, memory: 30, storage: 0.1 },
  hysteresis: { closeAfterSamples: 3, marginPoints: 5, openAfterMs: 100 },
  selling: { reserve: { memoryGb: 0, storageGb: 0, percent: 0 }, cpuOvercommit: 1 },
  loadWindow: 4,
};
const isLinux = process.platform === 'linux';
const canMount = isLinux && spawnSync('unshare', ['--mount', 'true']).status === 0;

let server: RedisServer;
let directory: TemporaryDirectory;
let group: LimitedGroup;
let records: RecordStore;
let reports: ReportStore;
let stopMonitor: () => Promise<void>;
const undo: (() => void)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.client().flushall();
  stopMonitor = () => Promise.resolve();
  directory = await temporaryDirectory();
  group = await createLimitedGroup();
  records = createRecordStore(server.client(), HOST, systemClock);
  reports = createReportStore(server.client(), HOST);
  await reports.worker.save(workerReport(), 600_000);
});
afterEach(async () => {
  await stopMonitor();
  for (const step of undo.splice(0)) step();
  await group.dispose();
  await directory.dispose();
}, STATE_TIMEOUT_MS);

/** A monitor of a machine with idle cores, in a container of one core and 1 GiB, whose VMs lie under `path`. */
async function startMonitor(path: string, thresholds: Partial<SampleRules['thresholds']>): Promise<void> {
  const monitor = createMonitor({
    sampler: createHostSampler({
      findPlace: () => Promise.resolve({ path, runIn: 'container' }),
      readGroup: () => group.read(),
      coreTimes: () => [{ user: 0, nice: 0, sys: 0, irq: 0, idle: performance.now() }],
    }),
    reports: reports.monitor,
    history: createSampleHistory(server.client(), HOST),
    records,
    rules: { ...RULES, thresholds: { cpu: 100, memory: 100, storage: 100, ...thresholds } },
    intervalMs: 100,
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
  });
  await monitor.start();
  stopMonitor = () => monitor.stop();
}

async function admit(): Promise<VmRecord> {
  const limits = { maxVms: 10, portRange: { start: 50_800, end: 50_900 } };
  const { vmId } = await createAdmission(server.client(), HOST, limits, systemClock).admit({
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 1 },
    size: null,
    image: ImageName.parse('debian:12'),
    sshKey: null,
    streamId: null,
    requestId: null,
  });
  const vm = await records.getVm(vmId);
  if (vm === undefined) throw new Error(`${vmId} has no record`);
  return vm;
}

/** Waits until a VM would be taken; takes none. */
function expectOpen(): Promise<void> {
  return eventually(async () => {
    expect(await records.forget(await admit())).toBe(true);
    expect((await reports.monitor.read())?.report.breaches).toEqual([]);
  }, STATE_TIMEOUT_MS);
}

function expectClosedFor(dimension: Dimension): Promise<void> {
  return eventually(async () => {
    const refusal: unknown = await admit().then(
      (vm) => records.forget(vm),
      (error: unknown) => error,
    );
    expect(isAppError(refusal) && refusal.code).toBe('THRESHOLD_EXCEEDED');
    expect(isAppError(refusal) && refusal.publicDetail).toMatch(
      new RegExp(`^The host is over a limit: ${dimension} at \\d+ % \\(limit \\d+ %`),
    );
    const sample = (await reports.monitor.read())?.report;
    expect(sample?.breaches.map((breach) => breach.dimension)).toEqual([dimension]);
    expect(sample?.usage_percent[dimension]).toBeGreaterThan(RULES.thresholds[dimension]);
  }, STATE_TIMEOUT_MS);
}

(isLinux ? describe : describe.skip)('load on a real host', () => {
  it.each([
    { dimension: 'cpu' as const, what: 'a process that keeps a core busy', script: 'for (;;) {}' },
    {
      dimension: 'memory' as const,
      what: 'a process that takes half of the memory',
      script: `globalThis.held = Buffer.alloc(${500 * MIB}, 1); setInterval(() => {}, 1000);`,
    },
  ])(
    'closes the $dimension for new VMs with $what, and opens it by itself afterwards',
    async ({ dimension, script }) => {
      await startMonitor(directory.path, { [dimension]: RULES.thresholds[dimension] });
      await expectOpen();
      expect((await reports.monitor.read())?.report.basis).toMatchObject({ memory: 'container' });

      const child = await group.run(script);
      await expectClosedFor(dimension);

      await child.end();
      await expectOpen();
    },
    STATE_TIMEOUT_MS * 4,
  );

  (canMount ? it : it.skip)(
    'closes the storage for new VMs with a file that fills it, and sells less by what others write',
    async () => {
      const path = join(directory.path, 'vms');
      await mkdir(path);
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40g', 'tmpfs', path]).status).toBe(0);
      undo.push(() => {
        expect(spawnSync('umount', [path]).status).toBe(0);
      });
      await startMonitor(path, { storage: RULES.thresholds.storage });
      await expectOpen();
      const sellable = async (): Promise<number | undefined> =>
        (await reports.monitor.read())?.report.sellable.storage_gb;
      expect(await sellable()).toBe(40);

      const file = join(path, 'of-somebody-else');
      await writeFile(file, Buffer.alloc(100 * MIB, 1));
      await expectClosedFor('storage');
      expect(await sellable()).toBe(39);

      await rm(file);
      await expectOpen();
      expect(await sellable()).toBe(40);
    },
    STATE_TIMEOUT_MS * 4,
  );
});

describe('a monitor that has stopped', () => {
  it('lets no new VM in, and leaves those that are there as they are', async () => {
    await startMonitor(directory.path, {});
    const { id } = await eventually(() => admit(), STATE_TIMEOUT_MS);
    await records.update({ vm: { id, change: (vm) => ({ ...vm, status: 'running' }) } });
    const held = await records.listReservations();
    const running = await records.getVm(id);

    await stopMonitor();
    // What passes with time is brought about here: the mark of freshness runs out.
    await server.client().del(NAMES.reportFresh('monitor'));

    await expect(admit()).rejects.toMatchObject({ code: 'SAMPLES_STALE' });
    expect(await records.listVms()).toEqual([running]);
    expect(await records.listReservations()).toEqual(held);
    const stopping = { desired: 'stopped', status: 'stopping' } as const;
    await records.update({ vm: { id, change: (vm) => ({ ...vm, ...stopping }) } });
    await records.update({
      vm: { id, change: (vm) => ({ ...vm, desired: 'running', status: 'starting' }) },
      mayGrow: true,
    });
    expect(await records.getVm(id)).toMatchObject({ desired: 'running', status: 'starting' });
  });
});
