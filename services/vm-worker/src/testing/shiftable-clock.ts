import { type Clock, systemClock } from '@golem-provider/service-kit';

/** A clock that goes like the machine's own, but can be moved. */
export interface ShiftableClock extends Clock {
  /** `nowMs` sets the clock of the day, as somebody may; `elapsedMs` lets time pass. */
  shift(by: { readonly nowMs?: number; readonly elapsedMs?: number }): void;
}

/** See `ShiftableClock`. */
export function createShiftableClock(): ShiftableClock {
  let nowMs = 0;
  let elapsedMs = 0;
  return {
    now: () => systemClock.now() + nowMs,
    elapsed: () => systemClock.elapsed() + elapsedMs,
    shift(by) {
      nowMs += by.nowMs ?? 0;
      elapsedMs += by.elapsedMs ?? 0;
    },
  };
}
