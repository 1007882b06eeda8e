import type { ProviderEvent } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { EventFeed } from '@golem-provider/store';

/** How often the record is read even without an event, as an event may be lost. */
const RECHECK_MS = 5000;

/** What a waiter works with. */
export interface RecordWaiterDeps {
  readonly feed: Pick<EventFeed, 'subscribe'>;
  /** Ends every wait when the gateway stops. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
  readonly recheckMs?: number;
}

/** What is waited for. */
export interface RecordWait<Item> {
  /** Reads the record; gets what was read before. A read that fails changes nothing: a wait of minutes outlives it. */
  readonly read: (before: Item | undefined) => Promise<Item | undefined>;
  readonly isDone: (item: Item | undefined) => boolean;
  /** Whether the record is worth reading after an event. */
  readonly concerns: (event: ProviderEvent) => boolean;
  readonly timeoutMs: number;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

/** Waits until a record is as it should be. */
export interface RecordWaiter {
  /**
   * The record as it was last read: done, or not because the time has passed or the gateway stops. Rejects with the reason
   * of `gone` when that aborts.
   */
  wait<Item>(wait: RecordWait<Item>): Promise<Item | undefined>;
}

interface Nap {
  /** Resolves after `ms`, or as soon as `wake` is called; at once if it was called since the last nap. */
  readonly rest: (ms: number) => Promise<void>;
  readonly wake: () => void;
}

function createNap(): Nap {
  let isWoken = false;
  let end = (): void => undefined;
  return {
    async rest(ms) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isWoken = false;
    },
    wake() {
      isWoken = true;
      end();
    },
  };
}

/** The waiter over the events of a host. */
export function createRecordWaiter(deps: RecordWaiterDeps): RecordWaiter {
  const { feed, stopping, logger, recheckMs = RECHECK_MS } = deps;
  return {
    async wait<Item>({ read, isDone, concerns, timeoutMs, gone }: RecordWait<Item>) {
      const nap = createNap();
      const deadline = new AbortController();
      const timer = setTimeout(() => {
        deadline.abort();
        nap.wake();
      }, timeoutMs);
      const unsubscribe = feed.subscribe(({ event }) => {
        if (concerns(event)) nap.wake();
      });
      gone.addEventListener('abort', nap.wake);
      stopping.addEventListener('abort', nap.wake);
      try {
        let item: Item | undefined;
        for (;;) {
          try {
            item = await read(item);
          } catch (err) {
            logger.debug({ err }, 'reading a record while waiting failed');
          }
          if (isDone(item)) return item;
          gone.throwIfAborted();
          if (deadline.signal.aborted || stopping.aborted) return item;
          await nap.rest(recheckMs);
        }
      } finally {
        clearTimeout(timer);
        unsubscribe();
        gone.removeEventListener('abort', nap.wake);
        stopping.removeEventListener('abort', nap.wake);
      }
    },
  };
}
