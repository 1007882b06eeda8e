import { type Clock, followSignals, pause } from '@golem-provider/service-kit';

/** Two reloads further apart than this have nothing to do with each other. */
const CALM_MS = 10_000;
/** So many reloads of a burst follow each other at once. */
const FREE_RELOADS = 2;
const FIRST_REST_MS = 250;
/** For which a guest that is up is kept from its requestor at the most. */
const LONGEST_REST_MS = 5000;

/**
 * How far apart reloads are in a burst. Each leaves workers behind until the last session through them ends, so changes of which
 * more are to come wait for each other: the longer a burst lasts, the longer, up to five seconds.
 */
export interface ReloadPace {
  /** Resolves when a change is due that may wait for others. Rejects with the signal's reason when that aborts. */
  turn(signal: AbortSignal): Promise<void>;
  /** A change that may not wait is about to be made: those that wait are due with it. */
  hurry(): void;
  /** A reload begins. */
  began(): void;
  /** How long a change that may wait would have to, now. */
  waitMs(): number;
}

/** Calm at first: nobody has to wait. */
export function createReloadPace(clock: Pick<Clock, 'elapsed'>): ReloadPace {
  let inBurst = 0;
  let beganAt = -Infinity;
  let dueAt = -Infinity;
  let waiting = new AbortController();
  const waitMs = (): number => Math.max(0, dueAt - clock.elapsed());

  return {
    waitMs,
    began() {
      const now = clock.elapsed();
      inBurst = now - beganAt > CALM_MS ? 1 : inBurst + 1;
      beganAt = now;
      const restMs = inBurst <= FREE_RELOADS ? 0 : FIRST_REST_MS * 2 ** (inBurst - FREE_RELOADS - 1);
      dueAt = now + Math.min(LONGEST_REST_MS, restMs);
    },
    hurry() {
      waiting.abort();
      waiting = new AbortController();
    },
    async turn(signal) {
      signal.throwIfAborted();
      const ms = waitMs();
      if (ms === 0) return;
      const hurried = waiting.signal;
      const either = new AbortController();
      const letGo = followSignals(either, [signal, hurried]);
      try {
        await pause(ms, either.signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!hurried.aborted) throw error;
      } finally {
        letGo();
      }
    },
  };
}
