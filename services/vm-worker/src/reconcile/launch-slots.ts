import PQueue from 'p-queue';

/** Lets so many launches run at once and keeps the others waiting, first come first served. */
export interface LaunchSlots {
  /**
   * Runs when a slot is free and holds it until the end, or until `release` is called. Rejects with the signal's reason when
   * that aborts the wait.
   */
  hold<Result>(signal: AbortSignal, run: (release: () => void) => Promise<Result>): Promise<Result>;
  /** Whether anybody holds one or waits for one. */
  areInUse(): boolean;
}

/** So many slots; a boot under software emulation takes a core for itself, two on one core take more than twice as long. */
export function createLaunchSlots(count: number): LaunchSlots {
  const queue = new PQueue({ concurrency: count });
  return {
    areInUse: () => queue.pending + queue.size > 0,
    async hold<Result>(signal: AbortSignal, run: (release: () => void) => Promise<Result>): Promise<Result> {
      signal.throwIfAborted();
      const started: { result?: Promise<Result> } = {};
      const occupy = (): Promise<void> =>
        new Promise((release) => {
          started.result = run(release);
          started.result.then(
            () => release(),
            () => release(),
          );
        });
      try {
        await queue.add(occupy, { signal });
      } catch (error) {
        // A run that has begun is ended by the signal itself.
        if (started.result !== undefined) return started.result;
        signal.throwIfAborted();
        throw error;
      }
      if (started.result === undefined) throw new Error('a launch was given no slot');
      return started.result;
    },
  };
}
