import type { VmId } from '@golem-provider/contracts';
import { createBatcher, type Settled } from '../../exec/batcher.ts';

/** One call of Multipass about one instance, which may be shared with calls about others. */
export type SharedCall<Result> = (id: VmId, signal: AbortSignal) => Promise<Result>;

/** Runs one call about several instances; resolves with one result for each, or says that each has to be asked for alone. */
export type CallAboutSeveral<Result> = (
  ids: readonly VmId[],
  signal: AbortSignal,
) => Promise<readonly Result[] | 'one_by_one'>;

interface Wish {
  readonly id: VmId;
  readonly signal: AbortSignal;
}

/** Runs with a signal that aborts when all of the signals have; lets go of them at the end, as they may last for long. */
async function untilAllAbort<Result>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let left = signals.length;
  const ends = signals.map((signal) => {
    const leave = (): void => {
      left -= 1;
      if (left === 0) controller.abort(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    return () => signal.removeEventListener('abort', leave);
  });
  try {
    return await run(controller.signal);
  } finally {
    for (const end of ends) end();
  }
}

/**
 * One call of its kind at a time: what is asked for while one is under way shares the next. Multipass does one thing after
 * the other anyway; a hundred at once would else be a hundred clients that wait for it.
 *
 * Of several names one that is wrong fails the whole call before anything is done, whatever its words say: then each is
 * called for alone.
 *
 * @param most how many names a call may have.
 */
export function createSharedCall<Result>(call: CallAboutSeveral<Result>, most: number): SharedCall<Result> {
  const alone = async ({ id, signal }: Wish): Promise<Settled<Result>> => {
    try {
      const results = await call([id], signal);
      const [outcome] = results === 'one_by_one' ? [] : results;
      if (outcome === undefined) throw new Error(`a call about ${id} gave no result`);
      return { ok: true, outcome };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
  const run = async (wishes: readonly Wish[]): Promise<Settled<Result>[]> => {
    const together = await untilAllAbort(
      wishes.map((wish) => wish.signal),
      (signal) =>
        call(
          wishes.map(({ id }) => id),
          signal,
        ),
    );
    if (together !== 'one_by_one') return together.map((outcome) => ({ ok: true, outcome }));
    const results: Settled<Result>[] = [];
    for (const wish of wishes) results.push(await alone(wish));
    return results;
  };
  const batcher = createBatcher<Wish, Result>({
    gatherMs: 0,
    most,
    keyOf: ({ id }) => id,
    run,
    schedule: setTimeout,
  });
  return (id, signal) => batcher.submit({ id, signal }, signal);
}
