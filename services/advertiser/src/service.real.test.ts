import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AdvertiserReport,
  type HostId,
  HostSample,
  parseSettings,
  redisNames,
  sellable,
  type Settings,
  type VmSpec,
  WorkerReport,
} from '@golem-provider/contracts';
import { createLogger, type Service } from '@golem-provider/service-kit';
import { createReportStore, type ReportStore } from '@golem-provider/store';
import {
  eventually,
  freePort,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@golem-provider/testing';
import { createService, type ServiceOptions } from './service.ts';
import {
  type DiscoveryStub,
  type Generation,
  type Misbehaviour,
  startDiscoveryStub,
} from './testing/discovery-stub.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const FRESH_MS = 600_000;
const TOTAL = { cpu_cores: 8, memory_gb: 32, storage_gb: 400 };

let server: RedisServer;
let directory: TemporaryDirectory;
let stub: DiscoveryStub;
let hosts = 0;
let hostId: HostId;
let reports: ReportStore;
const running: Service[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  directory = await temporaryDirectory();
});
beforeEach(async () => {
  stub = await startDiscoveryStub('newer');
  hostId = settings().HOST_ID;
  reports = createReportStore(server.client(), hostId);
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.component.stop();
  await stub.stop();
});
afterAll(async () => {
  await server.stop();
  await directory.dispose();
});

function settings(environment: Record<string, string> = {}): Settings {
  const result = parseSettings({
    GOLEM_PROVIDER_HOST_ID: `host-${(hosts += 1)}`,
    GOLEM_PROVIDER_ID: 'test-provider',
    GOLEM_PROVIDER_REDIS_URL: server.url,
    GOLEM_PROVIDER_DATA_DIR: directory.path,
    GOLEM_PROVIDER_DISCOVERY_URL: 'http://127.0.0.1:1',
    GOLEM_PROVIDER_PUBLIC_IP: '203.0.113.7',
    ...environment,
  });
  if (!result.ok) throw new Error(result.problems.join());
  return result.settings;
}

const sample = (change: Partial<HostSample> = {}): HostSample =>
  HostSample.parse({
    sampled_at: '2026-01-01T00:00:00.000Z',
    total: TOTAL,
    sellable: sellable(TOTAL),
    usage_percent: { cpu: 1, memory: 2, storage: 3 },
    thresholds: { cpu: 90, memory: 85, storage: 90 },
    breaches: [],
    hostname: 'host',
    platform: 'arm64',
    ...change,
  });

/** What the monitor and the worker say of a host that takes VMs. */
async function hostIsReady(): Promise<void> {
  await reports.monitor.save(sample(), FRESH_MS);
  const worker = WorkerReport.parse({
    reported_at: '2026-01-01T00:00:00.000Z',
    pid: 1,
    healthy: true,
    reason: null,
    hypervisor: {
      name: 'qemu',
      version: '1',
      acceleration: null,
      guest_network: 'internet',
      default_image: 'debian:12',
      images: [],
    },
  });
  await reports.worker.save(worker, FRESH_MS);
}

async function reserve(vmId: string, spec: VmSpec, { withEvent }: { withEvent: boolean }): Promise<void> {
  const names = redisNames(hostId);
  const redis = server.client();
  await redis.hset(names.reservations, vmId, JSON.stringify({ ...spec, port: 50_800 }));
  if (!withEvent) return;
  const event = { type: 'vm', at: '2026-01-01T00:00:00.000Z', vm_id: vmId, status: 'creating', error: null };
  await redis.xadd(names.events, '*', 'json', JSON.stringify(event));
}

/** The service against the stub, with the times of a test. */
async function start(
  environment: Record<string, string> = {},
  options: Partial<ServiceOptions> = {},
): Promise<Service> {
  const chosen = settings({
    GOLEM_PROVIDER_HOST_ID: hostId,
    GOLEM_PROVIDER_DISCOVERY_URL: stub.url,
    ...environment,
  });
  const service = await createService(chosen, {
    isTerminal: false,
    logger,
    callDeadlineMs: 300,
    debounceMs: 20,
    ...options,
    timing: { pollMs: 50, backoff: { firstMs: 50, maxMs: 200 }, ...options.timing },
  });
  await service.component.start();
  running.push(service);
  return service;
}

async function stop(service: Service): Promise<void> {
  running.splice(running.indexOf(service), 1);
  await service.component.stop();
}

async function report(): Promise<AdvertiserReport> {
  const state = await reports.advertiser.read();
  if (state === undefined) throw new Error('no report yet');
  return state.report;
}

async function eventuallyStatus(status: string): Promise<AdvertiserReport> {
  return eventually(async () => {
    const last = await report();
    expect(last.advertisement.status).toBe(status);
    return last;
  });
}

const advertised = (): unknown => stub.advertisements.get('test-provider');

describe('the advertiser', () => {
  it.each<Generation>(['older', 'newer'])(
    'advertises at its start at a service of the %s generation',
    async (generation) => {
      await stub.stop();
      stub = await startDiscoveryStub(generation);
      await hostIsReady();
      await start();

      const { public_ip, provider_id, advertisement } = await eventuallyStatus('advertised');

      expect(advertised()).toMatchObject({
        ip_address: '203.0.113.7',
        country: 'SE',
        resources: { cpu: 8, memory: 28, storage: 360 },
        ...(generation === 'newer' && { platform: 'arm64' }),
      });
      expect({ public_ip, provider_id }).toEqual({ public_ip: '203.0.113.7', provider_id: 'test-provider' });
      expect(advertisement.last_success_at).not.toBeNull();
      expect((await reports.advertiser.read())?.isFresh).toBe(true);
    },
  );

  it('renews the advertisement after each interval', async () => {
    await hostIsReady();
    await start({}, { timing: { intervalMs: 100 } });
    await eventually(() => expect(stub.accepted.length).toBeGreaterThanOrEqual(4));
  });

  it('calls once, not with every look, while nothing changes', async () => {
    await hostIsReady();
    const service = await start();
    await eventuallyStatus('advertised');
    await reports.monitor.save(sample({ usage_percent: { cpu: 50, memory: 50, storage: 50 } }), FRESH_MS);
    await reserve('golem-a-20260101-000000', { cpu_cores: 1, memory_gb: 1, storage_gb: 10 }, { withEvent: false });
    await eventually(() => expect(stub.accepted).toHaveLength(2));
    await stop(service);
    expect(stub.calls).toEqual(['POST 200', 'POST 200', 'DELETE 200']);
  });

  it.each([{ withEvent: true }, { withEvent: false }])(
    'offers less as soon as a VM is reserved (with an event: $withEvent)',
    async ({ withEvent }) => {
      await hostIsReady();
      // With an event nothing depends on the next look, which is far away.
      await start({}, { timing: { pollMs: withEvent ? 600_000 : 50 } });
      await eventuallyStatus('advertised');

      await eventually(async () => {
        await reserve('golem-a-20260101-000000', { cpu_cores: 2, memory_gb: 4, storage_gb: 20 }, { withEvent });
        expect(advertised()).toMatchObject({ resources: { cpu: 6, memory: 24, storage: 340 } });
      });
    },
  );

  it('withdraws while the host is over a limit, and says why', async () => {
    await hostIsReady();
    await start();
    await eventuallyStatus('advertised');

    await reports.monitor.save(sample({ breaches: [{ dimension: 'memory', value: 91, limit: 85 }] }), FRESH_MS);
    const paused = await eventuallyStatus('paused');
    expect(paused.advertisement.reason).toBe('The host is over a limit: memory at 91 % (limit 85 %).');
    expect(advertised()).toBeUndefined();

    await reports.monitor.save(sample(), FRESH_MS);
    await eventuallyStatus('advertised');
    expect(advertised()).toBeDefined();
  });

  it.each([
    { service: 'monitor', reason: 'The load of the host has not been sampled lately.' },
    { service: 'worker', reason: 'The worker that makes VMs has not reported lately.' },
  ] as const)('withdraws while the report of the $service is stale', async ({ service, reason }) => {
    await hostIsReady();
    await start();
    await eventuallyStatus('advertised');
    await server.client().del(redisNames(hostId).reportFresh(service));
    expect((await eventuallyStatus('paused')).advertisement.reason).toBe(reason);
    expect(advertised()).toBeUndefined();
  });

  it('removes what a predecessor left when there is nothing to offer', async () => {
    await hostIsReady();
    await start();
    await eventuallyStatus('advertised');
    await start({ GOLEM_PROVIDER_MAX_VMS: '0', GOLEM_PROVIDER_HOST_ID: hostId });
    await eventually(() => expect(stub.calls).toContain('DELETE 200'));
  });

  it('advertises once the service is there, if it was not at the start', async () => {
    await hostIsReady();
    const port = await freePort();
    await start({ GOLEM_PROVIDER_DISCOVERY_URL: `http://127.0.0.1:${port}` });
    const failing = await eventuallyStatus('failing');
    expect(failing.advertisement).toEqual({
      status: 'failing',
      last_success_at: null,
      reason: 'The discovery service is not reachable (ECONNREFUSED).',
    });

    await stub.stop();
    stub = await startDiscoveryStub('newer', port);

    await eventuallyStatus('advertised');
    expect(advertised()).toBeDefined();
  });

  it.each<[string, Misbehaviour, string]>([
    ['errors', (_, response) => response.writeHead(500).end(), 'The discovery service failed (HTTP 500).'],
    [
      '429',
      (_, response) => response.writeHead(429, { 'Retry-After': '0' }).end(),
      'The discovery service asks to wait (too many requests).',
    ],
    [
      'rubbish',
      (_, response) => response.writeHead(200).end('{'),
      'The discovery service gave an answer that is not understood.',
    ],
    [
      'redirects',
      (_, response) => response.writeHead(302, { Location: '/' }).end(),
      'The discovery service answered with a redirect (HTTP 302).',
    ],
    ['silence', () => undefined, 'The discovery service did not answer within 0.3 s.'],
  ])('reports that it fails at %s, and recovers', async (_, misbehaviour, reason) => {
    await hostIsReady();
    stub.misbehave(misbehaviour);
    await start();
    expect((await eventuallyStatus('failing')).advertisement.reason).toBe(reason);

    stub.misbehave(undefined);

    expect((await eventuallyStatus('advertised')).advertisement.reason).toBeNull();
  });

  it('keeps away for a minute from a service that says 429 and not for how long', async () => {
    await hostIsReady();
    stub.misbehave((_, response) => response.writeHead(429).end());
    const service = await start();
    await eventuallyStatus('failing');
    stub.misbehave(undefined);
    const redis = server.client();
    const before = (await report()).reported_at;
    // Every change is looked at, and none leads to a call.
    for (const id of ['a', 'b', 'c']) {
      await reserve(`golem-${id}-20260101-000000`, { cpu_cores: 1, memory_gb: 1, storage_gb: 10 }, { withEvent: true });
    }
    await eventually(async () => expect(await redis.xlen(redisNames(hostId).events)).toBe(3));
    await stop(service);
    expect((await report()).reported_at >= before).toBe(true);
    expect(stub.calls).toEqual(['POST 429', 'DELETE 404']);
  });

  it('withdraws when it is stopped', async () => {
    await hostIsReady();
    const service = await start();
    await eventuallyStatus('advertised');

    await stop(service);

    expect(advertised()).toBeUndefined();
    expect((await report()).advertisement).toMatchObject({
      status: 'paused',
      reason: 'The advertiser has been stopped.',
    });
  });

  it('stops while a call hangs, and withdraws what that may have left', async () => {
    await hostIsReady();
    let hanging = 0;
    stub.misbehave(() => {
      hanging += 1;
    });
    const service = await start({}, { callDeadlineMs: 60_000 });
    await eventually(() => expect(hanging).toBe(1));
    stub.misbehave(undefined);
    await stop(service);
    expect(stub.calls).toEqual(['DELETE 404']);
  });

  it('keeps one id and one key for good where the settings name none', async () => {
    await hostIsReady();
    const dataDir = join(directory.path, 'made', 'at-start');
    const environment = { GOLEM_PROVIDER_ID: '', GOLEM_PROVIDER_DATA_DIR: dataDir };
    await stop(await start(environment));
    const id = (await readFile(join(dataDir, 'provider-id'), 'utf8')).trim();
    const key = await readFile(join(dataDir, 'provider-key'), 'utf8');

    await start(environment);
    await eventually(() => expect([...stub.advertisements.keys()]).toEqual([id]));
    expect(await readFile(join(dataDir, 'provider-key'), 'utf8')).toBe(key);
  });

  it('starts and stops without Redis', async () => {
    const service = await start({ GOLEM_PROVIDER_REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    await stop(service);
    expect(stub.calls).toEqual(['DELETE 404']);
  });
});
