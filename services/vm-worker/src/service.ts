import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  blockingRedis,
  type Component,
  compose,
  createLogger,
  createSeal,
  loadSealKey,
  loadSettings,
  loggerOptions,
  producerRedis,
  redisComponent,
  redisUrl,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import { createWorkerLease, LeaseLost } from '@golem-provider/store';
import { createHostParts } from './host-parts.ts';
import { createHostLock } from './lease/host-lock.ts';
import { createLeaseKeeper, LEASE_TIMES } from './lease/lease-keeper.ts';
import type { Tenure } from './lease/tenure.ts';
import { createTenureParts } from './tenure-parts.ts';
import { createWorkerHealth } from './worker-health.ts';

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
export async function createWorkerService({
  environment,
  directory,
  isTerminal,
  pid,
}: WorkerProcess): Promise<Service> {
  const settings = loadSettings(environment, directory);
  const logger = createLogger(loggerOptions('vm-worker', settings, isTerminal));
  const clock = systemClock;
  let tenure: Tenure | undefined;
  const guard = (): void => {
    if (tenure === undefined) throw new LeaseLost('it was not acquired yet');
    tenure.throwIfLost();
  };
  const parts = await createHostParts({ settings, environment, logger, guard });
  const { data } = parts;
  const seal = createSeal(await loadSealKey(data.sealKey));
  const url = redisUrl(settings);
  const redis = blockingRedis(url, logger);
  const leaseRedis = producerRedis(url, logger);
  const health = createWorkerHealth();
  const build = (begun: Tenure): Component => {
    tenure = begun;
    return createTenureParts({ ...parts, tenure: begun, settings, seal, redis, health, clock, logger, pid });
  };
  const keeper = createLeaseKeeper({
    leases: createWorkerLease(leaseRedis, settings.HOST_ID),
    lock: createHostLock(data.workerLock),
    holder: `${hostname()}:${pid}:${randomUUID()}`,
    times: LEASE_TIMES,
    health,
    build,
    clock,
    logger,
  });
  return { logger, component: compose('vm-worker', [redisComponent(redis), redisComponent(leaseRedis), keeper]) };
}
