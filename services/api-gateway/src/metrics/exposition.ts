import type { Logger } from '@golem-provider/service-kit';
import { createMetrics, type Metrics, renderMetrics } from '@golem-provider/service-kit/metrics';
import type { DrainSwitch, MetricsStore, RecordStore, ReportStore } from '@golem-provider/store';
import type { Queue } from 'bullmq';
import type { SellingSettings } from '../provider/provider-resources.ts';
import { hostLevels, type RecordedState } from './host-levels.ts';

/** What a scrape is answered from. */
export interface ExpositionDeps {
  readonly settings: SellingSettings;
  readonly version: string;
  readonly records: Pick<RecordStore, 'listVms' | 'listPendingOperations' | 'listReservations' | 'listBusyPorts'>;
  readonly reports: ReportStore;
  readonly drain: Pick<DrainSwitch, 'read'>;
  readonly queue: Pick<Queue, 'getJobCounts'>;
  /** What the other services have counted. */
  readonly published: Pick<MetricsStore, 'read'>;
  /** What this process counts. */
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Answers one scrape: the text that Prometheus reads. Runs no process and never rejects for want of Redis. */
export type Exposition = () => Promise<string>;

/** The exposition over what is in Redis. Without Redis it tells of this process, and that Redis is down. */
export function createExposition(deps: ExpositionDeps): Exposition {
  const { records, reports, drain, queue, published, metrics, logger } = deps;

  const readState = async (): Promise<RecordedState> => {
    const [vms, pendingOperations, reservations, busyPorts, monitor, worker, advertiser, drained, jobs] =
      await Promise.all([
        records.listVms(),
        records.listPendingOperations(),
        records.listReservations(),
        records.listBusyPorts(),
        reports.monitor.read(),
        reports.worker.read(),
        reports.advertiser.read(),
        drain.read(),
        queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
      ]);
    return {
      vms,
      pendingOperations,
      reservations: [...reservations.values()],
      busyPorts,
      monitor,
      worker,
      advertiser,
      isDraining: drained !== undefined,
      jobs,
    };
  };

  return async () => {
    const levels = createMetrics();
    levels.set({ name: 'build_info', labels: { version: deps.version }, value: 1 });
    const own = await metrics.snapshot();
    try {
      const [state, others] = await Promise.all([readState(), published.read()]);
      for (const level of hostLevels(state, deps.settings)) levels.set(level);
      levels.set({ name: 'redis_up', labels: {}, value: 1 });
      return await renderMetrics([await levels.snapshot(), own, ...others]);
    } catch (err) {
      logger.warn({ err }, 'the records could not be read for a scrape');
      levels.set({ name: 'redis_up', labels: {}, value: 0 });
      return renderMetrics([await levels.snapshot(), own]);
    }
  };
}
