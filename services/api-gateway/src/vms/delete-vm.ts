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

/** How often the intent is written anew because another one came first. */
const MAX_TRIES = 10;

/** What the deletion of VMs works with. */
export interface DeleteVmDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'listPendingOperations' | 'update'>;
  readonly queue: Pick<OperationQueue, 'enqueue'>;
  readonly waiter: OperationWaiter;
  readonly clock: Clock;
}

/**
 * Deletes a VM: writes the intent, tells the worker, waits. A deletion that is under way is joined.
 *
 * Rejects with `VM_NOT_FOUND` where there is no such VM, otherwise as `followOperation` does.
 */
export type DeleteVm = (id: VmId, requestId: string, following: Following) => Promise<Followed>;

function deletion(vm: VmRecord, requestId: string, now: string): Operation {
  const id = OperationId.parse(`op-${randomUUID()}`);
  const { host_id, generation } = vm;
  return newOperation({ id, host_id, vm_id: vm.id, kind: 'delete', generation, request_id: requestId }, now);
}

/** The use case over its parts. */
export function createDeleteVm({ records, queue, waiter, clock }: DeleteVmDeps): DeleteVm {
  const notFound = (id: VmId): AppError => new AppError('VM_NOT_FOUND', `deleting ${id}`);

  const runningDeletion = async ({ id, generation }: VmRecord): Promise<Operation | undefined> =>
    (await records.listPendingOperations()).find(
      (operation) => operation.vm_id === id && operation.kind === 'delete' && operation.generation === generation,
    );

  /** Writes the intent on exactly this generation: of two deletions at once one is accepted, the other one joins it. */
  const accept = async (seen: VmRecord, requestId: string): Promise<Operation | undefined> => {
    const { vm, operation } = await records.update({
      vm: {
        id: seen.id,
        change: (current) =>
          current.generation === seen.generation
            ? { ...current, desired: 'deleted', status: 'deleting', generation: current.generation + 1 }
            : undefined,
      },
      accept: (current) => deletion(current, requestId, toTimestamp(clock.now())),
    });
    if (vm === undefined) throw notFound(seen.id);
    return operation;
  };

  const begin = async (id: VmId, requestId: string): Promise<Operation> => {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const seen = await records.getVm(id);
      if (seen === undefined || seen.status === 'deleted') throw notFound(id);
      const running = seen.desired === 'deleted' ? await runningDeletion(seen) : undefined;
      if (running !== undefined) return running;
      const accepted = await accept(seen, requestId);
      if (accepted === undefined) continue;
      await queue.enqueue({ id: accepted.id, vmId: id, kind: 'delete' });
      return accepted;
    }
    throw new AppError('STORE_UNAVAILABLE', `deleting ${id}: others kept changing it`);
  };

  return async (id, requestId, following) =>
    followOperation(waiter, toJobAccepted(await begin(id, requestId)), following);
}
