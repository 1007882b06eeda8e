import { type HypervisorInfo, toTimestamp } from '@golem-provider/contracts';
import { type Clock, type Logger, type Periodic, periodic } from '@golem-provider/service-kit';
import type { ReportStore } from '@golem-provider/store';
import type { Hypervisor } from './hypervisor/hypervisor.ts';
import type { DriftAudit } from './reconcile/drift-audit.ts';
import type { WorkerHealth } from './worker-health.ts';

const INTERVAL_MS = 5000;
/** Longer than a few lost reports, shorter than the patience of a requestor. */
const FRESH_MS = 20_000;

/** What the reporter works with. */
export interface WorkerReporterDeps {
  readonly reports: ReportStore;
  readonly hypervisor: Hypervisor;
  readonly health: WorkerHealth;
  readonly audit: Pick<DriftAudit, 'drift'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
}

/** Says every few seconds that the worker lives, what it drives and whether that works. Runs no command. */
export function createWorkerReporter({
  reports,
  hypervisor,
  health,
  audit,
  clock,
  logger,
  pid,
}: WorkerReporterDeps): Periodic {
  const describe = async (): Promise<HypervisorInfo> => {
    const probe = health.probe();
    return {
      name: hypervisor.name,
      version: probe?.version ?? null,
      acceleration: probe?.acceleration ?? null,
      guest_network: probe?.guestNetwork ?? 'isolated',
      ...(await hypervisor.catalogue()),
    };
  };
  const task = periodic({
    name: 'worker report',
    intervalMs: INTERVAL_MS,
    logger,
    run: async () => {
      const reason = health.reason();
      const report = {
        reported_at: toTimestamp(clock.now()),
        pid,
        healthy: reason === null,
        reason,
        warnings: [...health.warnings()],
        hypervisor: await describe(),
        reservation_drift: audit.drift(),
      };
      await reports.worker.save(report, FRESH_MS);
    },
  });
  let leave = (): void => undefined;
  return {
    ...task,
    async start() {
      leave = health.onChange(() => task.trigger());
      await task.start();
    },
    async stop() {
      leave();
      await task.stop();
    },
  };
}
