import { isFinished, type Operation, type OperationId } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { EventFeed, RecordStore } from '@golem-provider/store';

/** How often the record is read even without an event, as an event may be lost. */
const RECHECK_MS = 5000;

/** What a waiter works with. */
export interface OperationWaiterDeps {
  readonly records: Pick<RecordStore, 'getOperation'>;
  readonly feed: Pick<EventFeed, 'subscribe'>;
  /** Ends every wait when the gateway stops. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
  readonly recheckMs?: number;
}

/** Waits for operations to end. */
export interface OperationWaiter {
  /**
   * The operation as it was last seen: finished, or unfinished because `timeoutMs` has passed or the gateway stops;
   * undefined where its record could not be read even once. Rejects with the reason of `gone` when that aborts.
   */
  wait(id: OperationId, timeoutMs: number, gone: AbortSignal): Promise<Operation | undefined>;
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

/** The waiter over the records and the events of a host. */
export function createOperationWaiter(deps: OperationWaiterDeps): OperationWaiter {
  const { records, feed, stopping, logger, recheckMs = RECHECK_MS } = deps;

  /** A wait of minutes outlives a moment in which the store does not answer. */
  const read = async (id: OperationId, before: Operation | undefined): Promise<Operation | undefined> => {
    try {
      return (await records.getOperation(id)) ?? before;
    } catch (err) {
      logger.debug({ err, operation_id: id }, 'reading a record while waiting failed');
      return before;
    }
  };

  return {
    async wait(id, timeoutMs, gone) {
      const nap = createNap();
      const deadline = new AbortController();
      const timer = setTimeout(() => {
        deadline.abort();
        nap.wake();
      }, timeoutMs);
      const unsubscribe = feed.subscribe(({ event }) => {
        if (event.type === 'operation' && event.job_id === id && isFinished(event.status)) nap.wake();
      });
      gone.addEventListener('abort', nap.wake);
      stopping.addEventListener('abort', nap.wake);
      try {
        let operation: Operation | undefined;
        for (;;) {
          operation = await read(id, operation);
          if (operation !== undefined && isFinished(operation.status)) return operation;
          gone.throwIfAborted();
          if (deadline.signal.aborted || stopping.aborted) return operation;
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
