import {
  type AdvertisementState,
  type AdvertiserReport,
  type DiscoveryCalls,
  toTimestamp,
} from '@golem-provider/contracts';
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
import { assess, type HostState, type OfferTerms, type Wish, wishWithoutRecords } from './advertisement.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { CallFailure, DiscoveryClient } from './discovery/discovery-client.ts';
import {
  advertisementState,
  afterAdvertising,
  afterFailure,
  afterLook,
  afterWithdrawing,
  decide,
  FIRST_ENTRY,
  holdMs,
  type Moment,
  type Step,
  type StepTiming,
} from './entry.ts';
import type { PublicAddress } from './public-address/public-address.ts';

/** For saving the report of a stop. */
const LAST_REPORT_MS = 3000;
/** For reading the records, and for saving a report. */
const STORE_DEADLINE_MS = 5000;
const REPORT_MS = 10_000;
/** Longer than two calls and their saving may take. */
const REPORT_FRESH_MS = 3 * REPORT_MS;

/** How often things are done. */
export interface LoopTiming extends StepTiming {
  /** Between two looks at the records. */
  readonly pollMs: number;
  readonly backoff: Backoff;
  /** How long the withdrawal of a stop may take. */
  readonly lastWithdrawalMs: number;
}

/** What the loop works with. */
export interface AdvertiseLoopDeps {
  readonly providerId: string;
  /** As `ProviderInfo.public_key`. */
  readonly publicKey: string;
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
 * Keeps the entry at the discovery service as `assess` wishes it: looks, decides, takes one step at most, reports; again
 * and again. When it stops it withdraws the advertisement, so that nobody is sent to a host that does not answer.
 */
export function createAdvertiseLoop(deps: AdvertiseLoopDeps): Periodic {
  const { client, address, reports, timing, clock, logger } = deps;
  let entry = FIRST_ENTRY;
  let calls: DiscoveryCalls = { succeeded: 0, failed: 0, failed_in_a_row: 0, last_error: null };
  let unreadableSinceMs: number | undefined;
  let reported: { readonly text: string; readonly atMs: number } | undefined;

  const now = (): Moment => ({ elapsedMs: clock.elapsed(), at: toTimestamp(clock.now()) });

  const currentWish = async (signal: AbortSignal): Promise<Wish> => {
    try {
      const host = await abortable(deps.readHost(), withDeadline(signal, STORE_DEADLINE_MS));
      if (unreadableSinceMs !== undefined) logger.info('the records can be read again');
      unreadableSinceMs = undefined;
      return assess(host, address.current(), deps.terms);
    } catch (err) {
      signal.throwIfAborted();
      if (unreadableSinceMs === undefined) logger.warn({ err }, 'the records cannot be read');
      unreadableSinceMs ??= clock.elapsed();
      return wishWithoutRecords(clock.elapsed() - unreadableSinceMs);
    }
  };

  const succeeded = (): void => {
    if (calls.failed_in_a_row > 0)
      logger.info({ failed: calls.failed_in_a_row }, 'the discovery service answers again');
    calls = { ...calls, succeeded: calls.succeeded + 1, failed_in_a_row: 0 };
  };
  const failed = ({ reason, retryAfterMs }: CallFailure, before: typeof entry, step: Step['kind']): void => {
    const moment = now();
    // However long a service wants to be left alone: after an interval an advertisement is due.
    const wait = (failures: number): number =>
      retryAfterMs === undefined
        ? backoffMs(timing.backoff, failures, deps.random())
        : Math.min(retryAfterMs, timing.intervalMs);
    const after = afterFailure(before, reason, moment, wait);
    entry = after;
    calls = {
      ...calls,
      failed: calls.failed + 1,
      failed_in_a_row: after.failure.count,
      last_error: { at: moment.at, reason },
    };
    if (before.failure?.reason !== reason) logger.warn({ step }, reason);
  };

  const perform = async (step: Exclude<Step, { kind: 'wait' }>, wish: Wish, signal: AbortSignal): Promise<void> => {
    const before = entry;
    // Should a call be cut off, nobody knows how it ended.
    entry = { ...before, published: 'unknown' };
    switch (step.kind) {
      case 'advertise': {
        const failure = await client.advertise(step.advertisement, signal);
        if (failure !== undefined) {
          failed(failure, before, step.kind);
          return;
        }
        succeeded();
        entry = afterAdvertising(step.advertisement, now());
        logger.info({ advertisement: step.advertisement }, 'advertised');
        return;
      }
      case 'withdraw': {
        const failure = await client.withdraw(signal);
        if (failure !== undefined) {
          failed(failure, before, step.kind);
          return;
        }
        succeeded();
        entry = afterWithdrawing(before);
        logger.info({ reason: wish.kind === 'pause' ? wish.reason : null }, 'withdrawn');
        return;
      }
      case 'look': {
        const seen = await client.look(step.advertisement, signal);
        if (seen.kind === 'failure') {
          failed(seen.failure, before, step.kind);
          return;
        }
        succeeded();
        entry = afterLook(before, seen.kind === 'shown', now());
        if (seen.kind === 'shown') return;
        logger.warn(seen.reason);
        return perform({ kind: 'advertise', advertisement: step.advertisement }, wish, signal);
      }
    }
  };

  const report = async (advertisement: AdvertisementState, signal: AbortSignal): Promise<void> => {
    const said = {
      provider_id: deps.providerId,
      public_key: deps.publicKey,
      public_ip: address.current()?.address ?? null,
      advertisement,
      calls,
    };
    const text = JSON.stringify(said);
    const { elapsedMs, at } = now();
    if (text === reported?.text && elapsedMs - reported.atMs < REPORT_MS) return;
    const age_seconds = entry.renewed === null ? null : Math.round((elapsedMs - entry.renewed.elapsedMs) / 1000);
    await abortable(reports.save({ reported_at: at, ...said, age_seconds }, REPORT_FRESH_MS), signal);
    reported = { text, atMs: elapsedMs };
  };

  const loop = periodic({
    name: 'advertiser',
    // A call that is held back comes when its time has come, not with the next look at the records.
    intervalMs: () => Math.min(timing.pollMs, Math.ceil(holdMs(entry, clock.elapsed())) || timing.pollMs),
    logger,
    async run(signal) {
      const wish = await currentWish(signal);
      const step = decide(wish, entry, clock.elapsed(), timing);
      if (step.kind !== 'wait') await perform(step, wish, signal);
      await report(advertisementState(wish, entry), withDeadline(signal, STORE_DEADLINE_MS));
    },
  });

  return {
    ...loop,
    async stop() {
      await loop.stop();
      if (entry.published !== 'none') {
        const before = entry;
        const failure = await client.withdraw(new AbortController().signal, timing.lastWithdrawalMs);
        if (failure === undefined) {
          succeeded();
          entry = afterWithdrawing(before);
          logger.info('withdrawn');
        } else {
          failed(failure, { ...before, failure: null }, 'withdraw');
          logger.warn('the advertisement is left to expire');
        }
      }
      const wish: Wish = { kind: 'pause', reason: 'The advertiser has been stopped.' };
      try {
        await report(advertisementState(wish, entry), AbortSignal.timeout(LAST_REPORT_MS));
      } catch (error) {
        logger.warn(`the last report could not be saved: ${errorChain(error)}`);
      }
    },
  };
}
