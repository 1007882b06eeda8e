import type { VmId, VmRecord, VmStatus } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { Following } from './follow-operation.ts';
import type { RecordWaiter } from './record-waiter.ts';

/** The VM of a wait, and whether it came to the status that was waited for. */
export interface WaitedVm {
  readonly vm: VmRecord;
  readonly isReached: boolean;
}

/**
 * Waits until a VM has a status, or the time has passed.
 *
 * Rejects with `VM_NOT_FOUND` where the VM is gone (one that was waited for as `deleted` is shown as it was last),
 * `VM_STATE_CONFLICT` where it has failed instead, the reason of `gone` when the client left.
 */
export type WaitForVm = (seen: VmRecord, status: VmStatus, following: Following) => Promise<WaitedVm>;

type Look = { readonly isGone: false; readonly vm: VmRecord } | { readonly isGone: true };

/** The use case over its parts. */
export function createWaitForVm(records: Pick<RecordStore, 'getVm'>, waiter: RecordWaiter): WaitForVm {
  const look = async (id: VmId): Promise<Look> => {
    const vm = await records.getVm(id);
    return vm === undefined ? { isGone: true } : { isGone: false, vm };
  };
  return async (seen, status, { waitMs, gone }) => {
    const ended = await waiter.wait<Look>({
      read: () => look(seen.id),
      isDone: (now) => now !== undefined && (now.isGone || now.vm.status === status || now.vm.status === 'error'),
      concerns: (event) => event.type === 'vm' && event.vm_id === seen.id,
      timeoutMs: waitMs,
      gone,
    });
    if (ended?.isGone === true) {
      if (status !== 'deleted') throw new AppError('VM_NOT_FOUND', `waiting for ${seen.id}`);
      return { vm: { ...seen, status: 'deleted' }, isReached: true };
    }
    const vm = ended?.vm ?? seen;
    if (vm.status === 'error' && status !== 'error') {
      throw new AppError('VM_STATE_CONFLICT', `waiting for ${vm.id}`, {
        publicDetail: `The VM will not be ${status} by itself: ${vm.error?.message ?? 'it has failed'}`,
      });
    }
    return { vm, isReached: vm.status === status };
  };
}
