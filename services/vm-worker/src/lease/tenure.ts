import type { Clock } from '@golem-provider/service-kit';
import { type Fence, type GrantedLease, LeaseLost } from '@golem-provider/store';
import type { HostLock } from './host-lock.ts';

/** The time in which one worker acts on its host, from the lease that it got to the end of that, whatever ends it. */
export interface Tenure extends Fence {
  /** Aborts, with `LeaseLost` as its reason, as soon as the lease is known to have ended. */
  readonly signal: AbortSignal;
  /** Names the data of the Redis that gave the lease. */
  readonly storeId: string;
  /** Milliseconds that these data have gone without a loss. */
  storeAgeMs(): number;
}

/** A tenure as its keeper handles it. */
export interface KeptTenure extends Tenure {
  /** The lease is good until then, by `clock.elapsed()`. */
  extend(untilMs: number): void;
  end(reason: string): void;
}

/** What a tenure begins with. */
export interface TenureStart {
  readonly holder: string;
  readonly lease: GrantedLease;
  readonly lock: Pick<HostLock, 'isHeld'>;
  /** The lease is good until then, by `clock.elapsed()`. */
  readonly untilMs: number;
  readonly clock: Clock;
}

/**
 * A tenure under a lease. It ends by itself when nobody extends it: a process that cannot reach Redis, or that was stopped
 * and goes on, knows so by its own clock, before it acts again.
 */
export function createTenure({ holder, lease, lock, untilMs, clock }: TenureStart): KeptTenure {
  const controller = new AbortController();
  const { signal } = controller;
  const startedMs = clock.elapsed();
  let until = untilMs;
  let timer: NodeJS.Timeout | undefined;

  const end = (reason: string): void => {
    clearTimeout(timer);
    if (!signal.aborted) controller.abort(new LeaseLost(reason));
  };
  const check = (): void => {
    if (clock.elapsed() >= until) end('it could not be renewed in time');
    else if (!lock.isHeld()) end('another worker has taken the data directory');
  };
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        check();
        if (!signal.aborted) watch();
      },
      Math.max(1, until - clock.elapsed()),
    );
    timer.unref();
  };
  watch();

  return {
    holder,
    token: lease.token,
    signal,
    storeId: lease.storeId,
    storeAgeMs: () => lease.storeAgeMs + clock.elapsed() - startedMs,
    throwIfLost() {
      if (!signal.aborted) check();
      signal.throwIfAborted();
    },
    onRefused: () => end('Redis refused a write'),
    extend(newUntilMs) {
      until = newUntilMs;
      if (!signal.aborted) watch();
    },
    end,
  };
}
