import { describeBreaches, type HostSample, type UsagePercent } from '@golem-provider/contracts';
import {
  abortable,
  type Clock,
  isAppError,
  type Logger,
  type Periodic,
  periodic,
  withDeadline,
} from '@golem-provider/service-kit';
import type { ReportSlot } from '@golem-provider/store';
import type { HostSampler } from './host-sampler.ts';
import { initialState, type MonitorState, takeSample } from './sample.ts';

/** How long one look at the machine and the saving of what was seen may take together. */
const SAMPLE_DEADLINE_MS = 10_000;
const MIN_FRESH_MS = 15_000;

/** How long a sample counts as fresh: two may fail before it is stale, and short hiccups never make it so. */
export function freshnessMs(intervalMs: number): number {
  return Math.max(3 * intervalMs, MIN_FRESH_MS);
}

/** What the monitor works with. */
export interface MonitorDeps {
  readonly sampler: HostSampler;
  readonly reports: ReportSlot<HostSample>;
  readonly thresholds: UsagePercent;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Looks at the machine at once and then every interval, and leaves each sample for the others. Where a look or its saving
 * fails, the failure is logged, the next one comes all the same, and the last sample grows stale.
 */
export function createMonitor({ sampler, reports, thresholds, intervalMs, clock, logger }: MonitorDeps): Periodic {
  let state: MonitorState | undefined;
  let lastBreaches = '';

  const tell = (sample: HostSample): void => {
    const closed = sample.breaches.map(({ dimension }) => dimension).join();
    if (closed === lastBreaches) return;
    lastBreaches = closed;
    if (closed === '') logger.info('under all limits again');
    else logger.warn({ breaches: sample.breaches }, `over a limit: ${describeBreaches(sample.breaches)}`);
  };

  /** What the predecessor had closed. A report that cannot be understood, of another version say, is as good as none. */
  const predecessor = async (): Promise<HostSample | undefined> => {
    try {
      return (await reports.read())?.report;
    } catch (err) {
      if (!isAppError(err) || err.code !== 'INTERNAL') throw err;
      logger.warn({ err }, 'the last sample is not understood; starting without it');
      return undefined;
    }
  };

  return periodic({
    name: 'monitor',
    intervalMs,
    logger,
    async run(signal) {
      const limited = withDeadline(signal, SAMPLE_DEADLINE_MS);
      const reading = await sampler.read(limited);
      // Without Redis there is no use in a sample either.
      state ??= initialState(await abortable(predecessor(), limited));
      const taken = takeSample(state, reading, thresholds, clock.now());
      state = taken.state;
      tell(taken.sample);
      await abortable(reports.save(taken.sample, freshnessMs(intervalMs)), limited);
    },
  });
}
