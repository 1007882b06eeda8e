/**
 * One run for all who want the same thing at once. Each caller's own signal ends only its own wait; the run is aborted when
 * nobody waits for it any more.
 */
export interface SharedWork<Progress, Result> {
  do(
    key: string,
    caller: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
    run: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
  ): Promise<Result>;
}

interface Run<Progress, Result> {
  readonly controller: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
  readonly result: Promise<Result>;
}

/** Shared work within this process. */
export function createSharedWork<Progress, Result>(): SharedWork<Progress, Result> {
  const runs = new Map<string, Run<Progress, Result>>();

  const begin = (
    key: string,
    run: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
  ): Run<Progress, Result> => {
    const controller = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const tell = (progress: Progress): void => {
      for (const listener of listeners) listener(progress);
    };
    const begun = { controller, listeners, result: run(controller.signal, tell) };
    runs.set(key, begun);
    const leave = (): void => {
      if (runs.get(key) === begun) runs.delete(key);
    };
    begun.result.then(leave, leave);
    return begun;
  };

  return {
    async do(key, { signal, onProgress }, run) {
      signal.throwIfAborted();
      const current = runs.get(key) ?? begin(key, run);
      // A function of its own for each caller, as two may pass the same.
      const listener = (progress: Progress): void => onProgress(progress);
      current.listeners.add(listener);
      let onAbort: () => void = () => undefined;
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => {
          const reason: unknown = signal.reason;
          reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
      try {
        return await Promise.race([current.result, aborted]);
      } finally {
        signal.removeEventListener('abort', onAbort);
        current.listeners.delete(listener);
        if (current.listeners.size === 0) {
          // A caller that comes now begins anew instead of waiting for a run that is being aborted.
          if (runs.get(key) === current) runs.delete(key);
          current.controller.abort(new Error(`nobody waits for ${key} any more`));
        }
      }
    },
  };
}
