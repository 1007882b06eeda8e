import { availableParallelism } from 'node:os';
import {
  blockingRedis,
  type Clock,
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
import { isListening } from './forwarding/knock.ts';
import { findBusyPorts } from './forwarding/port-probe.ts';
import { waitForSshBanner } from './forwarding/ssh-banner.ts';
import { createHostParts } from './host-parts.ts';
import { createVmKeyStore } from './keys/vm-key-store.ts';
import { meteredExecutor, meteredReconciler } from './metrics/metered-operations.ts';
import { openSshSessions } from './metrics/ssh-sessions.ts';
import { createExecutor } from './operations/executor.ts';
import { createVmTurns } from './operations/vm-turns.ts';
import type { MultipassTuning } from './hypervisor/multipass/multipass-hypervisor.ts';
import { createOperationQueue, type QueueTiming } from './queue/operation-queue.ts';
import { createDriftAudit } from './reconcile/drift-audit.ts';
import { type FaultPoints, NO_FAULTS } from './reconcile/fault-points.ts';
import { createForwardWatch } from './reconcile/forward-watch.ts';
import { createLaunchSlots } from './reconcile/launch-slots.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createResync, type ResyncTiming } from './reconcile/resync.ts';
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

/** What tests do otherwise: another clock, shorter times, a death at a point of their choice. */
export interface WorkerTuning {
  readonly clock?: Clock;
  readonly faults?: FaultPoints;
  readonly resync?: Partial<ResyncTiming>;
  readonly queue?: Partial<QueueTiming>;
  readonly multipass?: MultipassTuning;
  /** How many machines may start at once, whatever the hypervisor is good for. */
  readonly launchSlots?: number;
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
  const { clock = systemClock, faults = NO_FAULTS } = tuning;
  const settings = loadSettings(environment, directory);
  const logger = createLogger(loggerOptions('vm-worker', settings, isTerminal));
  const hostId = settings.HOST_ID;
  const metrics = createMetrics('vm-worker');
  const { data, hypervisor, forwarder } = await createHostParts({
    settings,
    environment,
    logger,
    metrics,
    multipassTuning: tuning.multipass,
  });
  const seal = createSeal(await loadSealKey(data.sealKey));
  const redis = blockingRedis(redisUrl(settings), logger);
  const records = createRecordStore(redis, hostId, clock);
  const reports = createReportStore(redis, hostId);
  const health = createWorkerHealth();
  const turns = createVmTurns();
  const portRange = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
  const slots = createLaunchSlots(
    tuning.launchSlots ??
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
    createReconciler({ hypervisor, forwarder, steps, slots, faults, clock, logger }),
    metrics,
    clock,
  );
  const releaseOnStop = settings.RELEASE_ON_STOP;
  const executor = meteredExecutor(
    createExecutor({ records, reconciler, turns, releaseOnStop, faults, clock, logger }),
    records,
    metrics,
  );
  const audit = createDriftAudit(createReservationAudit(redis, hostId, records, clock), logger);
  const queue = createOperationQueue({ redis, hostId, executor, clock, logger, timing: tuning.queue });
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
    faults,
    clock,
    logger,
    timing: tuning.resync,
  });
  const watch = createForwardWatch({ records, turns, isListening, look: () => resync.trigger(), clock, logger });
  const watches = hypervisor.capabilities.movesTargets ? [watch] : [];
  const reporter = createWorkerReporter({ reports, hypervisor, health, audit, clock, logger, pid });
  health.onChange(() => reporter.trigger());
  metrics.onSnapshot(async () => [{ name: 'ssh_sessions', labels: {}, value: await openSshSessions(portRange) }]);
  const publisher = createMetricsPublisher({
    metrics,
    store: createMetricsStore(redis, hostId),
    service: 'vm-worker',
    logger,
  });
  const parts = [redisComponent(redis), publisher, resync, ...watches, reporter, queue];
  return { logger, component: compose('vm-worker', parts) };
}
