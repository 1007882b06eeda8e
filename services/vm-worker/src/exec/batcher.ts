/** How one change of a batch ended. */
export type Settled<Outcome> =
  { readonly ok: true; readonly outcome: Outcome } | { readonly ok: false; readonly error: Error };

/** What a batcher needs. */
export interface BatcherOptions<Change, Outcome> {
  /** How long the first change waits for others. */
  readonly gatherMs: number;
  /** How many changes may share a batch; any number when left out. */
  readonly most?: number;
  /** Two changes with the same key never share a batch: the later one waits for the next. Undefined clashes with none. */
  readonly keyOf: (change: Change) => string | undefined;
  /** Makes the changes together; one result for each, in their order. When it rejects, so does every change. */
  readonly run: (changes: readonly Change[]) => Promise<readonly Settled<Outcome>[]>;
  /** Calls back later, as `setTimeout` does. */
  readonly schedule: (callback: () => void, ms: number) => void;
}

/** Lets changes that come together share one run, such as a reload. Never more than one batch runs. */
export interface Batcher<Change, Outcome> {
  /**
   * Resolves with what came of the change. When the signal aborts, it rejects with the reason: a change that had not
   * begun is dropped, one that had is brought to its end all the same.
   */
  submit(change: Change, signal: AbortSignal): Promise<Outcome>;
}

interface Entry<Change, Outcome> {
  readonly change: Change;
  readonly settle: (result: Settled<Outcome>) => void;
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

/** See `Batcher`. What comes while a batch runs makes up the next, which begins at once. */
export function createBatcher<Change, Outcome>(options: BatcherOptions<Change, Outcome>): Batcher<Change, Outcome> {
  type Waiting = Entry<Change, Outcome>;
  let waiting: Waiting[] = [];
  let isUnderWay = false;

  const takeBatch = (): Waiting[] => {
    const keys = new Set<string>();
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const entry of waiting) {
      const key = options.keyOf(entry.change);
      const isClash = key !== undefined && keys.has(key);
      const isFull = options.most !== undefined && batch.length >= options.most;
      (isClash || isFull ? rest : batch).push(entry);
      if (key !== undefined) keys.add(key);
    }
    waiting = rest;
    return batch;
  };
  const runBatch = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const results = await options.run(batch.map(({ change }) => change));
      for (const [index, { settle }] of batch.entries()) {
        settle(results[index] ?? { ok: false, error: new Error('a change of a batch was left without a result') });
      }
    } catch (error) {
      for (const { settle } of batch) settle({ ok: false, error: asError(error) });
    }
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await runBatch(takeBatch());
    isUnderWay = false;
  };

  return {
    async submit(change, signal) {
      signal.throwIfAborted();
      return new Promise<Outcome>((resolve, reject) => {
        const onAbort = (): void => {
          waiting = waiting.filter((other) => other !== entry);
          reject(asError(signal.reason));
        };
        const entry: Waiting = {
          change,
          settle(result) {
            signal.removeEventListener('abort', onAbort);
            if (result.ok) resolve(result.outcome);
            else reject(result.error);
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(entry);
        if (isUnderWay) return;
        isUnderWay = true;
        options.schedule(() => void drain(), options.gatherMs);
      });
    },
  };
}
