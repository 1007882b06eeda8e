import { isFinished, type Operation, type OperationId } from '@golem-provider/contracts';
import type { RecordStore } from '@golem-provider/store';
import { createRecordWaiter, type RecordWaiterDeps } from './record-waiter.ts';

/** What a waiter works with. */
export interface OperationWaiterDeps extends RecordWaiterDeps {
  readonly records: Pick<RecordStore, 'getOperation'>;
}

/** Waits for operations to end. */
export interface OperationWaiter {
  /**
   * The operation as it was last seen: finished, or unfinished because `timeoutMs` has passed or the gateway stops;
   * undefined where its record could not be read even once. Rejects with the reason of `gone` when that aborts.
   */
  wait(id: OperationId, timeoutMs: number, gone: AbortSignal): Promise<Operation | undefined>;
}

/** The waiter over the records and the events of a host. */
export function createOperationWaiter({ records, ...deps }: OperationWaiterDeps): OperationWaiter {
  const waiter = createRecordWaiter(deps);
  return {
    wait: (id, timeoutMs, gone) =>
      waiter.wait<Operation>({
        read: async (before) => (await records.getOperation(id)) ?? before,
        isDone: (operation) => operation !== undefined && isFinished(operation.status),
        concerns: (event) => event.type === 'operation' && event.job_id === id && isFinished(event.status),
        timeoutMs,
        gone,
      }),
  };
}
