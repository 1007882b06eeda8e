import type { AdvertisementState } from '@golem-provider/contracts';
import type { Advertisement, Wish } from './advertisement.ts';

/** A moment by both clocks: waits go by `elapsedMs`, which nobody can set back; people read `at`. */
export interface Moment {
  readonly elapsedMs: number;
  readonly at: string;
}

/** What is known of our entry at the discovery service. `unknown`: a call was made and no answer told how it ended. */
export interface Entry {
  readonly published: Advertisement | 'none' | 'unknown';
  /** When the service last took the advertisement and showed it as it was sent. */
  readonly renewed: Moment | null;
  /** When the entry was last seen as it should be, by the clock of `Moment.elapsedMs`. */
  readonly seenMs: number | null;
  /** The calls that failed since one last succeeded. */
  readonly failure: Failure | null;
}

/** See `Entry`. */
export interface Failure {
  readonly reason: string;
  readonly count: number;
  readonly sinceMs: number;
  /** How long nothing is tried after `sinceMs`. */
  readonly waitMs: number;
}

/** What to do now. */
export type Step =
  | { readonly kind: 'advertise'; readonly advertisement: Advertisement }
  /** Looks whether the entry is still there: a service that lost its memory would hide us until the next renewal. */
  | { readonly kind: 'look'; readonly advertisement: Advertisement }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'wait' };

/** From one call that found all well to the next. */
export interface StepTiming {
  /** Between two renewals. */
  readonly intervalMs: number;
  /** Between two looks at the entry. */
  readonly lookMs: number;
}

/** The entry of an advertiser that starts: one that died before it may have left an advertisement. */
export const FIRST_ENTRY: Entry = { published: 'unknown', renewed: null, seenMs: null, failure: null };

/** Whether two advertisements say the same. */
function isSame(a: Advertisement, b: Advertisement): boolean {
  return (
    a.ip_address === b.ip_address &&
    a.country === b.country &&
    a.platform === b.platform &&
    a.resources.cpu === b.resources.cpu &&
    a.resources.memory === b.resources.memory &&
    a.resources.storage === b.resources.storage
  );
}

/** How long nothing is tried from now on, after a failure; zero when something may be. */
export function holdMs({ failure }: Entry, nowMs: number): number {
  return failure === null ? 0 : Math.max(0, failure.sinceMs + failure.waitMs - nowMs);
}

/** The next step towards the wish; `wait` when there is none now. */
export function decide(wish: Wish, entry: Entry, nowMs: number, { intervalMs, lookMs }: StepTiming): Step {
  const { published, renewed, seenMs } = entry;
  const wait: Step = { kind: 'wait' };
  if (holdMs(entry, nowMs) > 0) return wait;
  switch (wish.kind) {
    case 'unsure':
      return wait;
    case 'pause':
      return published === 'none' ? wait : { kind: 'withdraw' };
    case 'offer': {
      const { advertisement } = wish;
      const isThere = typeof published === 'object' && isSame(published, advertisement);
      const isYoung = renewed !== null && nowMs - renewed.elapsedMs < intervalMs;
      if (!isThere || !isYoung) return { kind: 'advertise', advertisement };
      return seenMs !== null && nowMs - seenMs < lookMs ? wait : { kind: 'look', advertisement };
    }
  }
}

/** The entry once it was advertised. */
export function afterAdvertising(published: Advertisement, now: Moment): Entry {
  return { published, renewed: now, seenMs: now.elapsedMs, failure: null };
}

/** The entry once it was withdrawn. */
export function afterWithdrawing(entry: Entry): Entry {
  return { ...entry, published: 'none', seenMs: null, failure: null };
}

/** The entry once it was looked at: as it should be, or not. */
export function afterLook(entry: Entry, isAsItShouldBe: boolean, now: Moment): Entry {
  return isAsItShouldBe
    ? { ...entry, seenMs: now.elapsedMs, failure: null }
    : { ...entry, published: 'unknown', seenMs: null, failure: null };
}

/** The entry once a call has failed; `waitMs` says for how long nothing is tried after so many failures in a row. */
export function afterFailure(
  entry: Entry,
  reason: string,
  now: Moment,
  waitMs: (failures: number) => number,
): Entry & { readonly failure: Failure } {
  const count = (entry.failure?.count ?? 0) + 1;
  const failure = { reason, count, sinceMs: now.elapsedMs, waitMs: waitMs(count) };
  return { ...entry, published: 'unknown', seenMs: null, failure };
}

/** The state as others read it. */
export function advertisementState(wish: Wish, entry: Entry): AdvertisementState {
  const { failure, published, renewed } = entry;
  const last_success_at = renewed?.at ?? null;
  if (wish.kind === 'pause') {
    const reason =
      failure === null ? wish.reason : `${wish.reason} The advertisement may still be seen: ${failure.reason}`;
    return { status: 'paused', last_success_at, reason };
  }
  if (failure !== null) return { status: 'failing', last_success_at, reason: failure.reason };
  const doubt = wish.kind === 'offer' ? wish.note : wish.reason;
  return { status: typeof published === 'object' ? 'advertised' : 'pending', last_success_at, reason: doubt };
}
