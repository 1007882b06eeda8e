import PQueue from 'p-queue';

/** Lets so many launches run at once and keeps the others waiting, first come first served. */
export interface LaunchSlots {
  /** Runs when a slot is free and holds it until the end. Rejects with the signal's reason when that aborts the wait. */
  hold<Result>(signal: AbortSignal, run: () => Promise<Result>): Promise<Result>;
  /** Whether anybody holds one or waits for one. */
  areInUse(): boolean;
}

/** So many slots; a boot under software emulation takes a core for itself, two on one core take more than twice as long. */
export function createLaunchSlots(count: number): LaunchSlots {
  const queue = new PQueue({ concurrency: count });
  return {
    areInUse: () => queue.pending + queue.size > 0,
    async hold(signal, run) {
      signal.throwIfAborted();
      const progress = { hasStarted: false };
      try {
        return await queue.add(
          () => {
            progress.hasStarted = true;
            return run();
          },
          { signal },
        );
      } catch (error) {
        if (!progress.hasStarted) signal.throwIfAborted();
        throw error;
      }
    },
  };
}
