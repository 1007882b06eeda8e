import { type AdvertiserReport, toTimestamp } from '@golem-provider/contracts';
import {
  abortable,
  type Clock,
  errorChain,
  type Logger,
  type Periodic,
  periodic,
  withDeadline,
} from '@golem-provider/service-kit';
import type { ReportSlot } from '@golem-provider/store';
import {
  advertisementState,
  afterFailure,
  afterSuccess,
  assess,
  decide,
  FIRST_ENTRY,
  type HostState,
  type OfferTerms,
  type Step,
  type Wish,
  wishWithoutRecords,
} from './advertisement.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { CallOutcome, DiscoveryClient } from './discovery/discovery-client.ts';
import type { PublicAddress } from './public-address/public-address.ts';

/** A stop does not hang on a service that is gone: the advertisement expires by itself. */
const STOP_DEADLINE_MS = 3000;
/** For reading the records, and for saving a report. */
const STORE_DEADLINE_MS = 5000;
const REPORT_MS = 10_000;
/** Longer than two calls and their saving may take. */
const REPORT_FRESH_MS = 3 * REPORT_MS;

/** How often things are done. */
export interface LoopTiming {
  /** Between two renewals. */
  readonly intervalMs: number;
  /** Between two looks at the records. */
  readonly pollMs: number;
  readonly backoff: Backoff;
}

/** What the loop works with. */
export interface AdvertiseLoopDeps {
  readonly providerId: string;
  readonly client: DiscoveryClient;
  readonly address: Pick<PublicAddress, 'current'>;
  /** Reads what is known of the host. Rejects when the records cannot be read. */
  readonly readHost: () => Promise<HostState>;
  readonly reports: ReportSlot<AdvertiserReport>;
  readonly terms: OfferTerms;
  readonly timing: LoopTiming;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Keeps the entry at the discovery service as `assess` wishes it: looks, decides, makes one call at most, reports; again
 * and again. When it stops it withdraws the advertisement, so that nobody is sent to a host that does not answer.
 */
export function createAdvertiseLoop(deps: AdvertiseLoopDeps): Periodic {
  const { client, address, reports, timing, clock, logger } = deps;
  let entry = FIRST_ENTRY;
  let unreadableSinceMs: number | undefined;
  let reported = { text: '', atMs: 0 };

  const currentWish = async (signal: AbortSignal): Promise<Wish> => {
    try {
      const host = await abortable(deps.readHost(), withDeadline(signal, STORE_DEADLINE_MS));
      if (unreadableSinceMs !== undefined) logger.info('the records can be read again');
      unreadableSinceMs = undefined;
      return assess(host, address.current(), deps.terms);
    } catch (err) {
      signal.throwIfAborted();
      if (unreadableSinceMs === undefined) logger.warn({ err }, 'the records cannot be read');
      unreadableSinceMs ??= clock.now();
      return wishWithoutRecords(clock.now() - unreadableSinceMs);
    }
  };

  const waitMs = (retryAfterMs: number | undefined) => (failures: number) =>
    retryAfterMs ?? backoffMs(timing.backoff, failures, deps.random());

  const call = (step: Exclude<Step, { kind: 'wait' }>, signal: AbortSignal): Promise<CallOutcome> =>
    step.kind === 'advertise' ? client.advertise(step.advertisement, signal) : client.withdraw(signal);

  const perform = async (step: Exclude<Step, { kind: 'wait' }>, wish: Wish, signal: AbortSignal): Promise<void> => {
    const before = entry;
    // Should the call be cut off, nobody knows how it ended.
    entry = { ...before, published: 'unknown' };
    const failure = await call(step, signal);
    if (failure !== undefined) {
      entry = afterFailure(before, failure.reason, clock.now(), waitMs(failure.retryAfterMs));
      if (before.failure?.reason !== failure.reason) logger.warn({ step: step.kind }, failure.reason);
      return;
    }
    const published = step.kind === 'advertise' ? step.advertisement : 'none';
    entry = afterSuccess(before, published, clock.now());
    if (step.kind === 'advertise') logger.info({ advertisement: step.advertisement }, 'advertised');
    else logger.info({ reason: wish.kind === 'pause' ? wish.reason : null }, 'withdrawn');
  };

  const report = async (wish: Wish, signal: AbortSignal): Promise<void> => {
    const said = {
      provider_id: deps.providerId,
      public_ip: address.current(),
      advertisement: advertisementState(wish, entry),
    };
    const text = JSON.stringify(said);
    const now = clock.now();
    const isDue = text !== reported.text || now - reported.atMs >= REPORT_MS || now < reported.atMs;
    if (!isDue) return;
    await abortable(reports.save({ reported_at: toTimestamp(now), ...said }, REPORT_FRESH_MS), signal);
    reported = { text, atMs: now };
  };

  const loop = periodic({
    name: 'advertiser',
    intervalMs: timing.pollMs,
    logger,
    async run(signal) {
      const wish = await currentWish(signal);
      const step = decide(wish, entry, clock.now(), timing.intervalMs);
      if (step.kind !== 'wait') await perform(step, wish, signal);
      await report(wish, withDeadline(signal, STORE_DEADLINE_MS));
    },
  });

  return {
    ...loop,
    async stop() {
      await loop.stop();
      if (entry.published !== 'none') {
        const failure = await client.withdraw(new AbortController().signal, STOP_DEADLINE_MS);
        entry = failure === undefined ? afterSuccess(entry, 'none', clock.now()) : entry;
        if (failure === undefined) logger.info('withdrawn');
        else logger.warn(`the advertisement is left to expire: ${failure.reason}`);
      }
      try {
        await report(
          { kind: 'pause', reason: 'The advertiser has been stopped.' },
          AbortSignal.timeout(STOP_DEADLINE_MS),
        );
      } catch (error) {
        logger.warn(`the last report could not be saved: ${errorChain(error)}`);
      }
    },
  };
}
