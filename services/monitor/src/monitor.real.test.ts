import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type HistoryPoint, HostId, parseSettings, redisNames, type Settings } from '@golem-provider/contracts';
import { createLogger, type Service, systemClock } from '@golem-provider/service-kit';
import { createRecordStore, createReportStore, createSampleHistory, type ReportStore } from '@golem-provider/store';
import {
  eventually,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@golem-provider/testing';
import { createHostSampler, type HostSampler } from './host-sampler.ts';
import { createMonitor, freshnessMs } from './monitor.ts';
import { createService } from './service.ts';
import { DEFAULT_RULES, hostReading } from './testing/readings.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const GIB = 1024 ** 3;
const CALM = hostReading();
const FULL = hostReading({ storage: { totalBytes: 100 * GIB, usedBytes: 95 * GIB } });

let server: RedisServer;
let directory: TemporaryDirectory;
let hosts = 0;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  directory = await temporaryDirectory();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  await server.stop();
  await directory.dispose();
});

function testSettings(environment: Record<string, string> = {}): Settings {
  const result = parseSettings({
    GOLEM_PROVIDER_HOST_ID: `host-${(hosts += 1)}`,
    GOLEM_PROVIDER_REDIS_URL: server.url,
    GOLEM_PROVIDER_DATA_DIR: `${directory.path}/not/yet/made`,
    GOLEM_PROVIDER_SAMPLE_INTERVAL: '1',
    ...environment,
  });
  if (!result.ok) throw new Error(result.problems.join());
  return result.settings;
}

function reportsOf(settings: Settings): ReportStore {
  return createReportStore(server.client(), settings.HOST_ID);
}

async function start(service: Service): Promise<void> {
  await service.component.start();
  stops.push(() => service.component.stop());
}

/** A monitor over readings that the test gives, fast. */
async function startMonitor(hostId: HostId, sampler: HostSampler): Promise<ReportStore> {
  const reports = createReportStore(server.client(), hostId);
  const monitor = createMonitor({
    sampler,
    reports: reports.monitor,
    history: createSampleHistory(server.client(), hostId),
    records: createRecordStore(server.client(), hostId, systemClock),
    rules: DEFAULT_RULES,
    intervalMs: 20,
    clock: systemClock,
    logger,
  });
  await monitor.start();
  stops.push(() => monitor.stop());
  return reports;
}

describe('the monitor service', () => {
  it('leaves a true sample of this machine at once', async () => {
    const settings = testSettings();
    await start(createService(settings, { isTerminal: false, logger }));

    const { report, isFresh } = await eventually(async () => {
      const state = await reportsOf(settings).monitor.read();
      if (state === undefined) throw new Error('no sample yet');
      return state;
    });

    expect(isFresh).toBe(true);
    expect(report.total.cpu_cores).toBeGreaterThanOrEqual(1);
    expect(report.total.memory_gb).toBeGreaterThanOrEqual(1);
    expect(report.total.storage_gb).toBeGreaterThanOrEqual(1);
    expect(report.sellable.memory_gb).toBeLessThan(report.total.memory_gb);
    expect(report.usage_percent.memory).toBeGreaterThan(0);
    expect(report.thresholds).toEqual(DEFAULT_RULES.thresholds);
    expect(report.basis?.storage_path).toBe(settings.DATA_DIR);
    expect(report.hostname).not.toBe('');
    expect(Date.parse(report.sampled_at)).not.toBeNaN();
  });

  it('takes one sample after another', async () => {
    const settings = testSettings();
    await start(createService(settings, { isTerminal: false, logger, sampler: { read: () => Promise.resolve(CALM) } }));
    const reports = reportsOf(settings);

    const seen = new Set<string>();
    await eventually(async () => {
      const state = await reports.monitor.read();
      if (state !== undefined) seen.add(state.report.sampled_at);
      expect(seen.size).toBeGreaterThanOrEqual(2);
    });
  });

  it('stops soon while a look at the machine hangs', async () => {
    const service = createService(testSettings(), {
      isTerminal: false,
      logger,
      sampler: {
        read: (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          }),
      },
    });
    await service.component.start();
    await expect(service.component.stop()).resolves.toBeUndefined();
  });

  it('stops while Redis hangs', async () => {
    let looks = 0;
    const sampler: HostSampler = {
      read: () => {
        looks += 1;
        return Promise.resolve(CALM);
      },
    };
    const service = createService(testSettings(), { isTerminal: false, logger, sampler });
    process.kill(server.pid, 'SIGSTOP');
    try {
      await service.component.start();
      await eventually(() => expect(looks).toBe(1));
      await expect(service.component.stop()).resolves.toBeUndefined();
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });
});

describe('createMonitor', () => {
  it('lets the last sample grow stale when the machine cannot be read, and goes on when it can', async () => {
    const hostId = HostId.parse(`host-${(hosts += 1)}`);
    let isBroken = false;
    const reports = await startMonitor(hostId, {
      read: () => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve(CALM)),
    });
    await eventually(async () => expect((await reports.monitor.read())?.isFresh).toBe(true));

    isBroken = true;
    // What passes with time is brought about here: the mark of freshness runs out and is not renewed.
    await eventually(async () => {
      await server.client().del(redisNames(hostId).reportFresh('monitor'));
      expect((await reports.monitor.read())?.isFresh).toBe(false);
    });
    expect((await reports.monitor.read())?.report.total.cpu_cores).toBe(4);

    isBroken = false;
    await eventually(async () => expect((await reports.monitor.read())?.isFresh).toBe(true));
  });

  it('marks a sample as fresh for three intervals, and for 15 s at least', async () => {
    expect([1, 5, 60].map((seconds) => freshnessMs(seconds * 1000))).toEqual([15_000, 15_000, 180_000]);
    const hostId = HostId.parse(`host-${(hosts += 1)}`);
    const reports = await startMonitor(hostId, { read: () => Promise.resolve(CALM) });
    await eventually(async () => expect(await reports.monitor.read()).toBeDefined());
    const lifeMs = await server.client().pttl(redisNames(hostId).reportFresh('monitor'));
    expect(lifeMs).toBeGreaterThan(10_000);
    expect(lifeMs).toBeLessThanOrEqual(15_000);
  });

  it('reports a breach after three samples, and its successor knows of it at once', async () => {
    const hostId = HostId.parse(`host-${(hosts += 1)}`);
    const reports = await startMonitor(hostId, { read: () => Promise.resolve(FULL) });
    await eventually(async () =>
      expect((await reports.monitor.read())?.report.breaches).toEqual([{ dimension: 'storage', value: 95, limit: 90 }]),
    );
    for (const stop of stops.splice(0)) await stop();

    const first = Promise.resolve(CALM);
    await startMonitor(hostId, { read: () => first });

    await eventually(async () => {
      const state = await reports.monitor.read();
      expect(state?.report.usage_percent.storage).toBe(10);
      expect(state?.report.breaches).toEqual([{ dimension: 'storage', value: 10, limit: 90 }]);
    });
  });

  it('keeps the points of the last hour, the oldest ones first, and no more', async () => {
    const hostId = HostId.parse(`host-${(hosts += 1)}`);
    const history = createSampleHistory(server.client(), hostId);
    const point = (second: number): HistoryPoint => ({
      sampled_at: `2026-01-01T00:00:0${second}.000Z`,
      usage_percent: { cpu: 1, memory: 2, storage: 3 },
      over_limit: second === 3 ? ['cpu'] : [],
    });
    for (const second of [1, 2, 3, 4]) await history.append(point(second), 3);
    expect(await history.list(100)).toEqual([point(2), point(3), point(4)]);
    expect(await history.list(2)).toEqual([point(3), point(4)]);

    await startMonitor(hostId, { read: () => Promise.resolve(CALM) });
    await eventually(async () =>
      expect(await history.list(100)).toContainEqual(
        expect.objectContaining({ usage_percent: { cpu: 10, memory: 25, storage: 10 }, over_limit: [] }),
      ),
    );
  });

  it('starts without the last sample where that is not understood', async () => {
    const hostId = HostId.parse(`host-${(hosts += 1)}`);
    await server.client().set(redisNames(hostId).report('monitor'), '{"from": "another version"}');
    const reports = await startMonitor(hostId, { read: () => Promise.resolve(CALM) });
    await eventually(async () => expect((await reports.monitor.read())?.report.breaches).toEqual([]));
  });
});

function samplerOf(path: string): HostSampler {
  return createHostSampler({ findPlace: () => Promise.resolve({ path, runIn: 'machine' }) });
}

describe('createHostSampler', () => {
  it('sees the file system of the nearest directory that exists', async () => {
    const signal = new AbortController().signal;
    const made = await samplerOf(directory.path).read(signal);
    const missing = await samplerOf(`${directory.path}/a/b/c`).read(signal);
    expect(missing.storage.totalBytes).toBe(made.storage.totalBytes);
  });

  it('gives up on a look at its deadline', async () => {
    const sampler = samplerOf(directory.path);
    await expect(sampler.read(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });
});
