import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type Component,
  compose,
  createLogger,
  createSeal,
  loadSealKey,
  loadSettings,
  loggerOptions,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { blockingRedis, producerRedis, redisComponent, redisUrl } from '@golem-provider/service-kit/redis';
import { createMetricsPublisher, createMetricsStore, createWorkerLease, LeaseLost } from '@golem-provider/store';
import { createHostParts } from './host-parts.ts';
import { createHostLock } from './lease/host-lock.ts';
import { createLeaseKeeper, LEASE_TIMES } from './lease/lease-keeper.ts';
import type { Tenure } from './lease/tenure.ts';
import { openSshSessions } from './metrics/ssh-sessions.ts';
import { createTenureParts } from './tenure-parts.ts';
import { createWorkerHealth } from './worker-health.ts';
import type { WorkerTuning } from './worker-tuning.ts';

/** What the worker is started with: the process's own, or a test's. */
export interface WorkerProcess {
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly isTerminal: boolean;
  readonly pid: number;
}

/**
 * Builds the worker from its settings, top to bottom.
 *
 * @throws SettingsError when a setting is wrong.
 */
export async function createWorkerService(
  { environment, directory, isTerminal, pid }: WorkerProcess,
  tuning: WorkerTuning = {},
): Promise<Service> {
  const settings = loadSettings(environment, directory);
  const logger = createLogger(loggerOptions('vm-worker', settings, isTerminal));
  const metrics = createMetrics('vm-worker');
  let tenure: Tenure | undefined;
  const guard = (): void => {
    if (tenure === undefined) throw new LeaseLost('it was not acquired yet');
    tenure.throwIfLost();
  };
  const multipassTuning = tuning.multipass;
  const parts = await createHostParts({ settings, environment, logger, metrics, multipassTuning, guard });
  const { data } = parts;
  const seal = createSeal(await loadSealKey(data.sealKey));
  const url = redisUrl(settings);
  const redis = blockingRedis(url, logger);
  const leaseRedis = producerRedis(url, logger);
  const health = createWorkerHealth();
  const build = (begun: Tenure): Component => {
    tenure = begun;
    return createTenureParts({ ...parts, tenure: begun, settings, seal, redis, health, metrics, tuning, logger, pid });
  };
  const keeper = createLeaseKeeper({
    leases: createWorkerLease(leaseRedis, settings.HOST_ID),
    lock: createHostLock(data.workerLock),
    holder: `${hostname()}:${pid}:${randomUUID()}`,
    times: LEASE_TIMES,
    health,
    build,
    clock: systemClock,
    logger,
  });
  // Of the processes of a host only the one that acts tells a level: they are added up.
  metrics.onSnapshot(async () => {
    if (tenure?.signal.aborted !== false) return [];
    const range = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
    return [{ name: 'ssh_sessions', labels: {}, value: await openSshSessions(range) }];
  });
  metrics.onSnapshot(async () => {
    const workers = tenure?.signal.aborted === false ? await parts.nginxWorkers() : undefined;
    if (workers === undefined) return [];
    return (['active', 'leaving'] as const).map((state) => ({
      name: 'nginx_workers',
      labels: { state },
      value: workers[state].length,
    }));
  });
  const publisher = createMetricsPublisher({
    metrics,
    store: createMetricsStore(redis, settings.HOST_ID),
    service: 'vm-worker',
    logger,
  });
  const components = [redisComponent(redis), redisComponent(leaseRedis), publisher, keeper];
  return { logger, component: compose('vm-worker', components) };
}
