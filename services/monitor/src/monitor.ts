import { describeBreaches, HISTORY_MS, type HistoryPoint, type HostSample } from '@golem-provider/contracts';
import {
  abortable,
  type Clock,
  isAppError,
  type Logger,
  type Periodic,
  periodic,
  withDeadline,
} from '@golem-provider/service-kit';
import type { RecordStore, ReportSlot, SampleHistory } from '@golem-provider/store';
import type { HostSampler } from './host-sampler.ts';
import { initialState, type MonitorState, type SampleRules, takeSample } from './sample.ts';

/** How long one look at the machine and the saving of what was seen may take together. */
const SAMPLE_DEADLINE_MS = 10_000;
const MIN_FRESH_MS = 15_000;

/** How long a sample counts as fresh: two may fail before it is stale, and short hiccups never make it so. */
export function freshnessMs(intervalMs: number): number {
  return Math.max(3 * intervalMs, MIN_FRESH_MS);
}

function historyPoint({ sampled_at, usage_percent, breaches }: HostSample): HistoryPoint {
  return { sampled_at, usage_percent, over_limit: breaches.map(({ dimension }) => dimension) };
}

/** What the monitor works with. */
export interface MonitorDeps {
  readonly sampler: HostSampler;
  readonly reports: ReportSlot<HostSample>;
  readonly history: Pick<SampleHistory, 'append'>;
  /** What VMs hold, so that what they have written is told from the files of others. */
  readonly records: Pick<RecordStore, 'listReservations'>;
  readonly rules: SampleRules;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Looks at the machine at once and then every interval, and leaves each sample for the others. Where a look or its saving
 * fails, the failure is logged, the next one comes all the same, and the last sample grows stale.
 */
export function createMonitor(deps: MonitorDeps): Periodic {
  const { sampler, reports, history, records, rules, intervalMs, clock, logger } = deps;
  let lastBasis = '';
  let state: MonitorState | undefined;
  let lastBreaches = '';

  const tell = (sample: HostSample): void => {
    const basis = JSON.stringify(sample.basis);
    if (basis !== lastBasis) logger.info({ total: sample.total, ...sample.basis }, 'what is sampled');
    lastBasis = basis;
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
      const reservations = await abortable(records.listReservations(), limited);
      const moment = { nowMs: clock.now(), elapsedMs: clock.elapsed() };
      const taken = takeSample(state, reading, reservations, rules, moment);
      state = taken.state;
      const { sample } = taken;
      tell(sample);
      await abortable(reports.save(sample, freshnessMs(intervalMs)), limited);
      await abortable(history.append(historyPoint(sample), Math.ceil(HISTORY_MS / intervalMs)), limited);
    },
  });
}
