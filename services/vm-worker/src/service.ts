import { availableParallelism } from 'node:os';
import {
  blockingRedis,
  compose,
  createLogger,
  createMetrics,
  createSeal,
  loadSealKey,
  loadSettings,
  loggerOptions,
  redisComponent,
  redisUrl,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import {
  createMetricsPublisher,
  createMetricsStore,
  createRecordStore,
  createReportStore,
  createReservationAudit,
  createResizing,
} from '@golem-provider/store';
import { findBusyPorts } from './forwarding/port-probe.ts';
import { waitForSshBanner } from './forwarding/ssh-banner.ts';
import { createHostParts } from './host-parts.ts';
import { createVmKeyStore } from './keys/vm-key-store.ts';
import { meteredExecutor, meteredReconciler } from './metrics/metered-operations.ts';
import { openSshSessions } from './metrics/ssh-sessions.ts';
import { createExecutor } from './operations/executor.ts';
import { createVmTurns } from './operations/vm-turns.ts';
import { createOperationQueue } from './queue/operation-queue.ts';
import { createDriftAudit } from './reconcile/drift-audit.ts';
import { createLaunchSlots } from './reconcile/launch-slots.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createResync } from './reconcile/resync.ts';
import { type AwaitSsh, createSteps } from './reconcile/steps.ts';
import { createWorkerHealth } from './worker-health.ts';
import { createWorkerReporter } from './worker-reporter.ts';

/** Between two tries to read a banner: short beside any boot, long beside the cost of a connection. */
const BANNER_INTERVAL_MS = 100;

const awaitSsh: AwaitSsh = async (host, port, signal) => {
  await waitForSshBanner(host, port, { signal, intervalMs: BANNER_INTERVAL_MS });
};

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
  const hostId = settings.HOST_ID;
  const metrics = createMetrics('vm-worker');
  const { data, hypervisor, forwarder } = await createHostParts({ settings, environment, logger, metrics });
  const seal = createSeal(await loadSealKey(data.sealKey));
  const redis = blockingRedis(redisUrl(settings), logger);
  const records = createRecordStore(redis, hostId, clock);
  const reports = createReportStore(redis, hostId);
  const health = createWorkerHealth();
  const turns = createVmTurns();
  const portRange = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
  const slots = createLaunchSlots(
    Math.min(settings.WORKER_CONCURRENCY, hypervisor.capabilities.maxParallelStarts, availableParallelism()),
  );
  const steps = createSteps({
    records,
    resizing: createResizing(records, clock),
    hypervisor,
    forwarder,
    keys: createVmKeyStore(data, seal),
    awaitSsh,
    portRange,
    launchTimeoutMs: settings.LAUNCH_TIMEOUT * 1000,
  });
  const reconciler = meteredReconciler(
    createReconciler({ hypervisor, forwarder, steps, slots, clock, logger }),
    metrics,
    clock,
  );
  const releaseOnStop = settings.RELEASE_ON_STOP;
  const executor = meteredExecutor(
    createExecutor({ records, reconciler, turns, releaseOnStop, clock, logger }),
    records,
    metrics,
  );
  const audit = createDriftAudit(createReservationAudit(redis, hostId, records, clock), logger);
  const queue = createOperationQueue({ redis, hostId, executor, logger });
  const resync = createResync({
    records,
    hypervisor,
    forwarder,
    reconciler,
    turns,
    queue,
    audit,
    releaseOnStop,
    health,
    findBusyPorts: (own) => findBusyPorts(portRange, own),
    clock,
    logger,
  });
  const reporter = createWorkerReporter({ reports, hypervisor, health, audit, clock, logger, pid });
  health.onChange(() => reporter.trigger());
  metrics.onSnapshot(async () => [{ name: 'ssh_sessions', labels: {}, value: await openSshSessions(portRange) }]);
  const publisher = createMetricsPublisher({
    metrics,
    store: createMetricsStore(redis, hostId),
    service: 'vm-worker',
    logger,
  });
  return { logger, component: compose('vm-worker', [redisComponent(redis), publisher, resync, reporter, queue]) };
}
