import {
  type Operation,
  type ResizeVmRequest,
  type Settings,
  toJobAccepted,
  type VmId,
  type VmRecord,
} from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore, Resizing } from '@golem-provider/store';
import type { OperationQueue } from '../queue/operation-queue.ts';
import { type Followed, followOperation, type Following } from './follow-operation.ts';
import type { OperationWaiter } from './operation-waiter.ts';
import { resizeIntent } from './resize-intent.ts';
import type { Precondition } from './vm-etag.ts';

/** How often the wish is written anew because another change came first. */
const MAX_TRIES = 10;

/** What a resize works with. */
export interface ResizeVmDeps {
  readonly settings: Pick<Settings, 'MIN_CPU_CORES' | 'MIN_MEMORY_GB' | 'MIN_STORAGE_GB'>;
  readonly records: Pick<RecordStore, 'getVm' | 'listPendingOperations'>;
  readonly resizing: Pick<Resizing, 'admit'>;
  readonly queue: Pick<OperationQueue, 'enqueue'>;
  readonly waiter: OperationWaiter;
}

/**
 * Resizes a VM that is stopped: reserves what it needs in addition, tells the worker, waits. The same resize under way is joined.
 *
 * Rejects with `VM_NOT_FOUND`, `VM_STATE_CONFLICT`, `INVALID_REQUEST`, `PRECONDITION_FAILED` where the VM is not as
 * `precondition` wants it, or the reason of admission, nothing having been changed;
 * otherwise as `followOperation` does.
 */
export type ResizeVm = (
  id: VmId,
  request: ResizeVmRequest,
  requestId: string,
  following: Following,
  precondition?: Precondition,
) => Promise<Followed>;

/** The use case over its parts. */
export function createResizeVm({ settings, records, resizing, queue, waiter }: ResizeVmDeps): ResizeVm {
  const minimum = {
    cpu_cores: settings.MIN_CPU_CORES,
    memory_gb: settings.MIN_MEMORY_GB,
    storage_gb: settings.MIN_STORAGE_GB,
  };
  const findRunning = async ({ id, generation }: VmRecord): Promise<Operation | undefined> =>
    (await records.listPendingOperations()).find(
      (operation) => operation.vm_id === id && operation.generation === generation && operation.kind === 'resize',
    );

  /** One try; `again` where the record has changed since it was read. */
  const tryBegin = async (
    vm: VmRecord,
    request: ResizeVmRequest,
    requestId: string,
  ): Promise<Operation | 'settled' | 'again'> => {
    const doing = `resizing ${vm.id}`;
    const intent = resizeIntent(vm, request, minimum);
    switch (intent.verdict) {
      case 'settled':
        return 'settled';
      case 'invalid':
        throw new AppError('INVALID_REQUEST', doing, { fields: intent.fields });
      case 'conflict':
        throw new AppError('VM_STATE_CONFLICT', doing, { publicDetail: intent.detail });
      case 'wished':
        // It may have ended in the moment between.
        return (await findRunning(vm)) ?? 'again';
      case 'accept': {
        const operation = await resizing.admit(vm, intent.target, requestId);
        if (operation === undefined) return 'again';
        await queue.enqueue({ id: operation.id, vmId: vm.id, kind: operation.kind });
        return operation;
      }
    }
  };

  return async (id, request, requestId, following, precondition = () => true) => {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const vm = await records.getVm(id);
      if (vm === undefined) throw new AppError('VM_NOT_FOUND', `resizing ${id}`);
      if (!precondition(vm)) throw new AppError('PRECONDITION_FAILED', `resizing ${id}`);
      const begun = await tryBegin(vm, request, requestId);
      if (begun === 'settled') return { isDone: true };
      if (begun !== 'again') return followOperation(waiter, toJobAccepted(begun), following);
    }
    throw new AppError('STORE_UNAVAILABLE', `resizing ${id}: others kept changing it`);
  };
}
