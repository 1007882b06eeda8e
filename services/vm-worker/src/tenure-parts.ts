import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Settings, VmId } from '@golem-provider/contracts';
import {
  askDurability,
  type Component,
  compose,
  durabilityProblems,
  type Logger,
  type Seal,
  systemClock,
} from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import {
  createMendLog,
  createRecordRestorer,
  createRecordStore,
  createReportStore,
  createReservationAudit,
  createResizing,
} from '@golem-provider/store';
import type { Redis } from 'ioredis';
import { isListening } from './forwarding/knock.ts';
import { findBusyPorts } from './forwarding/port-probe.ts';
import { waitForSshBanner } from './forwarding/ssh-banner.ts';
import type { HostParts } from './host-parts.ts';
import { createVmKeyStore } from './keys/vm-key-store.ts';
import { fenceForwarder, fenceHypervisor } from './lease/fenced-host.ts';
import type { Tenure } from './lease/tenure.ts';
import { createManifestKeeper, keepManifests } from './manifest/manifest-keeper.ts';
import { createManifestStore } from './manifest/manifest-store.ts';
import { createManifestRestorer, type RestoreReport } from './manifest/restore.ts';
import { meteredExecutor, meteredReconciler } from './metrics/metered-operations.ts';
import { createExecutor } from './operations/executor.ts';
import { createVmTurns } from './operations/vm-turns.ts';
import { createOperationQueue } from './queue/operation-queue.ts';
import { createDriftAudit } from './reconcile/drift-audit.ts';
import { NO_FAULTS } from './reconcile/fault-points.ts';
import { createForwardWatch } from './reconcile/forward-watch.ts';
import { createLaunchSlots } from './reconcile/launch-slots.ts';
import { createMends } from './reconcile/mends.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createResync } from './reconcile/resync.ts';
import { type AwaitSsh, createSteps } from './reconcile/steps.ts';
import { createStrayCollector } from './reconcile/strays.ts';
import { startLater } from './start-later.ts';
import type { WorkerHealth } from './worker-health.ts';
import { createWorkerReporter } from './worker-reporter.ts';
import type { WorkerTuning } from './worker-tuning.ts';

/** Between two tries to read a banner: short beside any boot, long beside the cost of a connection. */
const BANNER_INTERVAL_MS = 100;

const awaitSsh: AwaitSsh = async (host, port, signal) => {
  await waitForSshBanner(host, port, { signal, intervalMs: BANNER_INTERVAL_MS });
};

/** What lives as long as the process, and the tenure. */
export interface TenurePartsDeps extends HostParts {
  readonly tenure: Tenure;
  readonly settings: Settings;
  readonly seal: Seal;
  readonly redis: Redis;
  readonly health: WorkerHealth;
  readonly metrics: Metrics;
  readonly tuning: WorkerTuning;
  readonly logger: Logger;
  readonly pid: number;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What makes this Redis unfit to keep the records; said in the log and with every report. */
async function redisWarnings(redis: Redis, logger: Logger): Promise<string[]> {
  try {
    const problems = durabilityProblems(await askDurability(redis)).map((problem) => `Redis: ${problem}.`);
    for (const problem of problems) logger.warn(problem);
    return problems;
  } catch (err) {
    // One that is rented may not let itself be asked.
    logger.warn({ err }, 'Redis does not say whether it keeps what it is told');
    return ['Redis does not say whether it keeps what it is told.'];
  }
}

/**
 * All that acts on the host and writes to Redis in one tenure, built by hand. Starting it puts back what Redis has lost; no
 * operation is taken up before the first look at the whole host.
 */
export function createTenureParts(deps: TenurePartsDeps): Component {
  const { tenure, settings, seal, redis, data, health, metrics, tuning, logger, pid } = deps;
  const { clock = systemClock, faults = NO_FAULTS } = tuning;
  const hostId = settings.HOST_ID;
  const portRange = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
  const hypervisor = fenceHypervisor(deps.hypervisor, tenure);
  const forwarder = fenceForwarder(deps.forwarder, tenure);
  const keys = createVmKeyStore(data, seal);
  const plainRecords = createRecordStore(redis, hostId, clock, tenure);
  const reports = createReportStore(redis, hostId, tenure);
  const manifests = createManifestStore(data, hostId, () => tenure.throwIfLost());
  const manifestKeeper = createManifestKeeper({
    manifests,
    records: plainRecords,
    onWritten: (error) => health.observed('manifests', error),
    logger,
  });
  const records = keepManifests(plainRecords, manifestKeeper);
  const mends = createMends(createMendLog(redis, hostId, clock, tenure), metrics, logger);
  const restorer = createManifestRestorer({
    records,
    restorer: createRecordRestorer(redis, hostId, portRange, clock, tenure),
    manifests,
    keeper: manifestKeeper,
    mends,
    logger,
  });
  let atStart: RestoreReport | undefined;
  const turns = createVmTurns(tenure.signal);
  const slotCount =
    tuning.launchSlots ??
    Math.min(settings.WORKER_CONCURRENCY, hypervisor.capabilities.maxParallelStarts, availableParallelism());
  const slots = createLaunchSlots(slotCount);
  const steps = createSteps({
    records,
    resizing: createResizing(records, clock),
    hypervisor,
    forwarder,
    // Where a guest holds its slot until it answers, none is kept waiting: it would keep the next from being launched.
    areMoreExpected: () => !hypervisor.capabilities.separateStart && slots.areInUse(),
    keys,
    manifests: manifestKeeper,
    mends,
    logger,
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
  const audit = createDriftAudit(createReservationAudit(redis, hostId, records, clock, tenure), mends, logger);
  const ending = tenure.signal;
  const queue = createOperationQueue({ redis, hostId, executor, mends, ending, clock, logger, timing: tuning.queue });
  const consumer = startLater(queue, logger);
  const strays = createStrayCollector({
    records,
    hypervisor,
    forwarder,
    keys,
    turns,
    isOurs: async (id: VmId) => (await exists(data.vm(id))) || exists(join(data.instances, id)),
    storeAgeMs: () => tenure.storeAgeMs(),
    mends,
    clock,
    logger,
  });
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
    restorer: {
      // The first look follows at once on the comparison of the start.
      run() {
        const earlier = atStart;
        atStart = undefined;
        return earlier === undefined ? restorer.run() : Promise.resolve(earlier);
      },
    },
    strays,
    mends,
    bootSlots: createLaunchSlots(slotCount),
    onFirstLook(inHand) {
      queue.takeOver(inHand);
      consumer.begin();
    },
    faults,
    clock,
    logger,
    timing: tuning.resync,
  });
  const watch = createForwardWatch({ records, turns, isListening, look: () => resync.trigger(), clock, logger });
  const watches = hypervisor.capabilities.movesTargets ? [watch] : [];
  const reporter = createWorkerReporter({ reports, hypervisor, health, audit, clock, logger, pid });
  const restore: Component = {
    name: 'restoring what Redis has lost',
    async start() {
      health.reset();
      health.warn(await redisWarnings(redis, logger));
      atStart = await restorer.run();
    },
    stop: () => Promise.resolve(),
  };
  return compose('tenure', [consumer, restore, reporter, resync, ...watches]);
}
