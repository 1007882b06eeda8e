/** Where the time comes from; passed down so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Milliseconds since some moment of the past. Goes on evenly whatever happens to `now`, which somebody may set back: all
   * that waits or measures goes by this.
   */
  elapsed(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
