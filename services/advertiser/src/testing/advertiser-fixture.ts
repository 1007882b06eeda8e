import {
  type AdvertiserReport,
  type HostId,
  type HostSample,
  parseSettings,
  redisNames,
  type Settings,
  type VmSpec,
} from '@golem-provider/contracts';
import { createLogger, type Service } from '@golem-provider/service-kit';
import { createReportStore, type ReportStore } from '@golem-provider/store';
import {
  eventually,
  hostSample,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
  workerReport,
} from '@golem-provider/testing';
import { createService, type ServiceOptions } from '../service.ts';
import { type DiscoveryStub, type Generation, startDiscoveryStub } from './discovery-stub.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const FRESH_MS = 600_000;
const TOTAL = { cpu_cores: 8, memory_gb: 32, storage_gb: 400 };
const AT = '2026-01-01T00:00:00.000Z';

/** The id of the provider where the settings of a test name no other. */
const PROVIDER_ID = 'test-provider';

/** A calm host of 8 cores, 32 and 400 GiB, of which 28 and 360 GiB may be sold. */
export function testSample(change: Partial<HostSample> = {}): HostSample {
  return hostSample({ total: TOTAL, platform: 'arm64', ...change });
}

const WORKER = workerReport();

/** Advertisers of one new host over a real Redis, at a discovery service of the test's own. */
export interface AdvertiserFixture {
  readonly hostId: HostId;
  readonly server: RedisServer;
  readonly directory: TemporaryDirectory;
  readonly reports: ReportStore;
  stub(): DiscoveryStub;
  /** Puts another service in the place of the present one; on `port`, or on a free one. */
  replaceStub(generation: Generation, port?: number): Promise<DiscoveryStub>;
  /** Leaves what the monitor and the worker say of a host that takes VMs. */
  hostIsReady(): Promise<void>;
  /** Reserves resources as admission does. */
  reserve(vmId: string, spec: VmSpec, how: { readonly withEvent: boolean }): Promise<void>;
  /** Gives back what was reserved, without an event. */
  release(vmId: string): Promise<void>;
  /** Starts the service with the times of a test. */
  start(environment?: Record<string, string>, options?: Partial<ServiceOptions>): Promise<Service>;
  stop(service: Service): Promise<void>;
  report(): Promise<AdvertiserReport>;
  /** Waits until the advertiser reports this status. */
  eventuallyStatus(status: string): Promise<AdvertiserReport>;
  /** What is advertised by the provider of the fixture. */
  advertised(): unknown;
  dispose(): Promise<void>;
}

/** See `AdvertiserFixture`. */
export async function createAdvertiserFixture(): Promise<AdvertiserFixture> {
  const server = await startRedisServer();
  const directory = await temporaryDirectory();
  let stub = await startDiscoveryStub('newer');
  const running: Service[] = [];

  const settings = (environment: Record<string, string>): Settings => {
    const result = parseSettings({
      GOLEM_PROVIDER_ID: PROVIDER_ID,
      GOLEM_PROVIDER_REDIS_URL: server.url,
      GOLEM_PROVIDER_DATA_DIR: directory.path,
      GOLEM_PROVIDER_DISCOVERY_URL: stub.url,
      GOLEM_PROVIDER_PUBLIC_IP: '203.0.113.7',
      ...environment,
    });
    if (!result.ok) throw new Error(result.problems.join());
    return result.settings;
  };
  const { HOST_ID: hostId } = settings({});
  const names = redisNames(hostId);
  const reports = createReportStore(server.client(), hostId);
  const redis = server.client();

  const report = async (): Promise<AdvertiserReport> => {
    const state = await reports.advertiser.read();
    if (state === undefined) throw new Error('no report yet');
    return state.report;
  };
  const stop = async (service: Service): Promise<void> => {
    running.splice(running.indexOf(service), 1);
    await service.component.stop();
  };

  return {
    hostId,
    server,
    directory,
    reports,
    stub: () => stub,
    async replaceStub(generation, port) {
      await stub.stop();
      stub = await startDiscoveryStub(generation, port);
      return stub;
    },
    async hostIsReady() {
      await reports.monitor.save(testSample(), FRESH_MS);
      await reports.worker.save(WORKER, FRESH_MS);
    },
    async reserve(vmId, spec, { withEvent }) {
      await redis.hset(names.reservations, vmId, JSON.stringify({ ...spec, port: 50_800 }));
      if (!withEvent) return;
      const event = { type: 'vm', at: AT, vm_id: vmId, status: 'creating', error: null };
      await redis.xadd(names.events, '*', 'json', JSON.stringify(event));
    },
    async release(vmId) {
      await redis.hdel(names.reservations, vmId);
    },
    async start(environment = {}, options = {}) {
      const service = await createService(settings(environment), {
        isTerminal: false,
        logger,
        callDeadlineMs: 20_000,
        debounceMs: 20,
        ...options,
        timing: {
          pollMs: 50,
          lookMs: 600_000,
          backoff: { firstMs: 50, maxMs: 200 },
          lastWithdrawalMs: 20_000,
          ...options.timing,
        },
      });
      await service.component.start();
      running.push(service);
      return service;
    },
    stop,
    report,
    eventuallyStatus: (status) =>
      eventually(async () => {
        const last = await report();
        if (last.advertisement.status !== status) throw new Error(`the status is ${last.advertisement.status}`);
        return last;
      }),
    advertised: () => stub.advertisements.get(PROVIDER_ID),
    async dispose() {
      for (const service of [...running]) await stop(service);
      await stub.stop();
      await server.stop();
      await directory.dispose();
    },
  };
}
