import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dimension, HostId } from '@golem-provider/contracts';
import { createLogger, type Periodic, systemClock } from '@golem-provider/service-kit';
import { createRecordStore, createReportStore, createSampleHistory } from '@golem-provider/store';
import {
  callDiscovery,
  eventually,
  freePort,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
  workerReport,
} from '@golem-provider/testing';
import { createHostSampler } from '../../services/monitor/src/host-sampler.ts';
import { createMonitor } from '../../services/monitor/src/monitor.ts';
import { createLimitedGroup, type LimitedGroup } from '../../services/monitor/src/testing/limited-group.ts';

const entryOf = (service: string): string =>
  fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url));
const HOST = HostId.parse('test-host');
const PROVIDER_ID = 'provider-under-load';
const STATE_LIMIT_MS = 60_000;
/** Between two questions: the discovery service takes so many in a minute, and the advertiser has to get through. */
const ASK_MS = 1000;
const TEST_LIMIT_MS = 240_000;
const MIB = 1024 ** 2;
/** Any load at all is over these and none is under them, so that how busy this machine is decides nothing. */
const THRESHOLDS = { cpu: 4, memory: 30, storage: 0.1 };
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let server: RedisServer;
let directory: TemporaryDirectory;
let group: LimitedGroup;
let monitor: Periodic;
let discoveryUrl: string;
/** What was started, and the end of each, which may come before it is asked for. */
const children: { readonly child: ChildProcess; readonly exited: Promise<unknown> }[] = [];

function start(service: string, settings: Readonly<Record<string, string>>): void {
  const env = { PATH: process.env['PATH'], GOLEM_PROVIDER_REDIS_URL: server.url, ...settings };
  const child = spawn(process.execPath, [entryOf(service)], { env, stdio: 'ignore' });
  children.push({ child, exited: once(child, 'exit') });
}

/** The file system that the VMs of this host are on: one of its own. */
async function mountStorage(): Promise<string> {
  const path = join(directory.path, 'vms');
  await mkdir(path);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40g', 'tmpfs', path]).status).toBe(0);
  return path;
}

beforeAll(async () => {
  server = await startRedisServer();
  directory = await temporaryDirectory();
  group = await createLimitedGroup();
  discoveryUrl = `http://127.0.0.1:${await freePort()}`;
  const path = canMount ? await mountStorage() : directory.path;
  const reports = createReportStore(server.client(), HOST);
  await reports.worker.save(workerReport(), TEST_LIMIT_MS * 4);
  // Of the machine's load it sees what a group of processes that may use one core and 1 GiB causes.
  monitor = createMonitor({
    sampler: createHostSampler({
      findPlace: () => Promise.resolve({ path, runIn: 'container' }),
      readGroup: () => group.read(),
      coreTimes: () => [{ user: 0, nice: 0, sys: 0, irq: 0, idle: performance.now() }],
    }),
    reports: reports.monitor,
    history: createSampleHistory(server.client(), HOST),
    records: createRecordStore(server.client(), HOST, systemClock),
    rules: {
      thresholds: THRESHOLDS,
      hysteresis: { closeAfterSamples: 3, marginPoints: 5, openAfterMs: 100 },
      selling: { reserve: { memoryGb: 0, storageGb: 0, percent: 0 }, cpuOvercommit: 1 },
      loadWindow: 4,
    },
    intervalMs: 100,
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
  });
  await monitor.start();
  start('discovery', { GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl });
  start('advertiser', {
    GOLEM_PROVIDER_HOST_ID: HOST,
    GOLEM_PROVIDER_ID: PROVIDER_ID,
    GOLEM_PROVIDER_DATA_DIR: directory.path,
    GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl,
    GOLEM_PROVIDER_PUBLIC_IP: '203.0.113.7',
  });
}, TEST_LIMIT_MS);
afterAll(async () => {
  for (const { child, exited } of children) {
    child.kill('SIGTERM');
    await exited;
  }
  await monitor.stop();
  await group.dispose();
  if (canMount) expect(spawnSync('umount', [join(directory.path, 'vms')]).status).toBe(0);
  await server.stop();
  await directory.dispose();
}, TEST_LIMIT_MS);

/** Waits until requestors find this provider, or find none. */
function expectAdvertised(isAdvertised: boolean): Promise<void> {
  return eventually(
    async () => {
      const { status, body } = await callDiscovery(discoveryUrl, { method: 'GET', path: '/api/v1/advertisements' });
      expect([status, body]).toEqual([
        200,
        isAdvertised ? [expect.objectContaining({ provider_id: PROVIDER_ID })] : [],
      ]);
    },
    STATE_LIMIT_MS,
    ASK_MS,
  );
}

/** Waits until nothing but this keeps the gate closed: a load's own start takes a core for a while, on a slow one for longer. */
function expectClosedFor(dimension: Dimension): Promise<void> {
  return eventually(async () => {
    const state = await createReportStore(server.client(), HOST).monitor.read();
    expect(state?.report.breaches.map((breach) => breach.dimension)).toEqual([dimension]);
  }, STATE_LIMIT_MS);
}

async function takeMemory(): Promise<() => Promise<void>> {
  const child = await group.run(`globalThis.held = Buffer.alloc(${500 * MIB}, 1); setInterval(() => {}, 1000);`);
  return () => child.end();
}

async function keepCoreBusy(): Promise<() => Promise<void>> {
  const child = await group.run('for (;;) {}');
  return () => child.end();
}

async function fillStorage(): Promise<() => Promise<void>> {
  const file = join(directory.path, 'vms', 'of-somebody-else');
  await writeFile(file, Buffer.alloc(100 * MIB, 1));
  return () => rm(file);
}

describe('a provider whose host is under load', () => {
  const expectGoneAndBack = async (dimension: Dimension, load: () => Promise<() => Promise<void>>): Promise<void> => {
    await expectAdvertised(true);

    const unload = await load();
    try {
      await expectClosedFor(dimension);
      await expectAdvertised(false);
    } finally {
      await unload();
    }

    await expectAdvertised(true);
  };

  it.each([
    ['memory' as const, takeMemory],
    ['cpu' as const, keepCoreBusy],
  ])('is not found while its %s is over the threshold, and is found again by itself', expectGoneAndBack, TEST_LIMIT_MS);

  (canMount ? it : it.skip)(
    'is not found while its storage is over the threshold, and is found again by itself',
    () => expectGoneAndBack('storage', fillStorage),
    TEST_LIMIT_MS,
  );
});
