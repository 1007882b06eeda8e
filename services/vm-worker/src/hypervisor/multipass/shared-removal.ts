import type { VmId } from '@golem-provider/contracts';
import { createBatcher, type Settled } from '../../exec/batcher.ts';
import { type ActionOutcome, type MultipassClient, NO_ANSWER } from './multipass-client.ts';
import type { MultipassCommands } from './multipass-command.ts';

/** Deletes an instance for good; resolves with how that ended for this one. What Multipass says is not yet what is so. */
export type Removal = (id: VmId, signal: AbortSignal) => Promise<ActionOutcome>;

interface Wish {
  readonly id: VmId;
  readonly signal: AbortSignal;
}

/** Each takes Multipass a fifth of a second, in which it answers nobody else. */
const MOST_AT_ONCE = 16;

/** Aborts when all of the signals have. */
function whenAllAbort(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  let left = signals.length;
  const leave = ({ reason }: AbortSignal): void => {
    left -= 1;
    if (left === 0) controller.abort(reason);
  };
  for (const signal of signals) {
    if (signal.aborted) leave(signal);
    else signal.addEventListener('abort', () => leave(signal), { once: true });
  }
  return controller.signal;
}

/**
 * Deletes instances, in one call of Multipass at a time: what is asked for while one is under way shares the next. Multipass
 * does one after the other anyway; a hundred deletions would else be a hundred clients that wait for it.
 */
export function createSharedRemoval(
  client: Pick<MultipassClient, 'act'>,
  commands: Pick<MultipassCommands, 'deleteForGood'>,
): Removal {
  const remove = (ids: readonly VmId[], signal: AbortSignal): Promise<ActionOutcome> =>
    client.act(
      commands.deleteForGood(ids),
      ids.length === 1 ? `deleting ${ids[0]}` : `deleting ${ids.length} machines`,
      {
        signal,
      },
    );

  const run = async (wishes: readonly Wish[]): Promise<Settled<ActionOutcome>[]> => {
    const together = await remove(
      wishes.map(({ id }) => id),
      whenAllAbort(wishes.map(({ signal }) => signal)),
    );
    const isForAll = wishes.length === 1 || together.kind === 'done' || NO_ANSWER.has(together.kind);
    if (isForAll) return wishes.map(() => ({ ok: true, outcome: together }));
    // One that cannot be deleted fails the call before anything is done; which one it was its words need not tell.
    const results: Settled<ActionOutcome>[] = [];
    for (const { id, signal } of wishes) {
      try {
        results.push({ ok: true, outcome: await remove([id], signal) });
      } catch (error) {
        results.push({ ok: false, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    return results;
  };
  const batcher = createBatcher<Wish, ActionOutcome>({
    gatherMs: 0,
    most: MOST_AT_ONCE,
    keyOf: ({ id }) => id,
    run,
    schedule: setTimeout,
  });
  return (id, signal) => batcher.submit({ id, signal }, signal);
}
