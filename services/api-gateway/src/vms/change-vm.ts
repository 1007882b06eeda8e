import { randomUUID } from 'node:crypto';
import {
  newOperation,
  type Operation,
  OperationId,
  toJobAccepted,
  toTimestamp,
  type VmId,
  type VmRecord,
} from '@golem-provider/contracts';
import { AppError, type Clock } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { OperationQueue } from '../queue/operation-queue.ts';
import { type Followed, followOperation, type Following } from './follow-operation.ts';
import type { OperationWaiter } from './operation-waiter.ts';
import type { Precondition } from './vm-etag.ts';
import { type ChangeKind, intentOf, JOINED_BY } from './vm-intent.ts';

/** How often the intent is written anew because another one came first. */
const MAX_TRIES = 10;

/** What changes of VMs work with. */
export interface ChangeVmDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'listPendingOperations' | 'update'>;
  readonly queue: Pick<OperationQueue, 'enqueue'>;
  readonly waiter: OperationWaiter;
  readonly clock: Clock;
}

/**
 * Starts, stops, restarts, recovers or deletes a VM: writes the intent, tells the worker, waits. An operation that is under way
 * and ends in the same is joined; what is so already is done at once.
 *
 * Rejects with `VM_NOT_FOUND` where there is no such VM, `VM_STATE_CONFLICT` or `VM_LOST` where its state does not allow it, as
 * admission does when a start needs cores and memory that a stop gave back, `PRECONDITION_FAILED` where the VM is not as
 * `precondition` wants it, otherwise as `followOperation` does.
 */
export type ChangeVm = (
  kind: ChangeKind,
  id: VmId,
  requestId: string,
  following: Following,
  precondition?: Precondition,
) => Promise<Followed>;

/** The use case over its parts. */
export function createChangeVm({ records, queue, waiter, clock }: ChangeVmDeps): ChangeVm {
  const findRunning = async (kind: ChangeKind, { id, generation }: VmRecord): Promise<Operation | undefined> =>
    (await records.listPendingOperations()).find(
      (operation) =>
        operation.vm_id === id && operation.generation === generation && JOINED_BY[kind].includes(operation.kind),
    );

  const newChange = (kind: ChangeKind, { id: vm_id, host_id, generation }: VmRecord, request_id: string): Operation => {
    const id = OperationId.parse(`op-${randomUUID()}`);
    return newOperation({ id, host_id, vm_id, kind, generation, request_id }, toTimestamp(clock.now()));
  };

  /** The operation to wait for; undefined where there is nothing to do. */
  const begin = async (
    kind: ChangeKind,
    id: VmId,
    requestId: string,
    precondition: Precondition = () => true,
  ): Promise<Operation | undefined> => {
    const notFound = (): AppError => new AppError('VM_NOT_FOUND', `${kind} of ${id}`);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const seen = await records.getVm(id);
      if (seen === undefined) throw notFound();
      if (!precondition(seen)) throw new AppError('PRECONDITION_FAILED', `${kind} of ${id}`);
      const running = await findRunning(kind, seen);
      if (running !== undefined) return running;
      const intent = intentOf(kind, seen);
      if (intent.verdict === 'settled') return undefined;
      if (intent.verdict === 'conflict') {
        throw new AppError(intent.code, `${kind} of ${id}`, { publicDetail: intent.detail });
      }
      const { desired, status } = intent;
      // What is to run holds its cores and memory; where a stop gave them back, the start is admitted like a new VM.
      const released = seen.released && desired !== 'running';
      // The new machine is made in the size that the VM has.
      const resize = kind === 'recreate' ? null : seen.resize;
      // On exactly this revision: of two changes at once one is accepted, the other one looks again.
      const { vm, operation } = await records.update({
        vm: {
          id,
          change: (current) =>
            current.revision === seen.revision
              ? { ...current, desired, status, released, resize, generation: current.generation + 1 }
              : undefined,
        },
        mayGrow: kind === 'start' || kind === 'recreate',
        accept: (current) => newChange(kind, current, requestId),
      });
      if (vm === undefined) throw notFound();
      if (operation === undefined) continue;
      await queue.enqueue({ id: operation.id, vmId: id, kind });
      return operation;
    }
    throw new AppError('STORE_UNAVAILABLE', `${kind} of ${id}: others kept changing it`);
  };

  return async (kind, id, requestId, following, precondition) => {
    const operation = await begin(kind, id, requestId, precondition);
    return operation === undefined ? { isDone: true } : followOperation(waiter, toJobAccepted(operation), following);
  };
}
