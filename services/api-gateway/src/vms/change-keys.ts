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
import { AppError } from '@golem-provider/service-kit';
import type { ChangeVmDeps } from './change-vm.ts';
import { type Followed, followOperation, type Following } from './follow-operation.ts';
import type { KeyIntent } from './key-intent.ts';

/** How often the wish is written anew because another change came first. */
const MAX_TRIES = 10;

/**
 * Changes the keys of a VM: writes the wish that `decide` makes of the record, tells the worker, waits.
 *
 * Rejects with `VM_NOT_FOUND` where there is no such VM, with the code of a refusal of `decide` (nothing has been changed then),
 * otherwise as `followOperation` does.
 */
export type ChangeKeys = (
  id: VmId,
  decide: (vm: VmRecord) => KeyIntent,
  requestId: string,
  following: Following,
) => Promise<Followed>;

/** The use case over its parts. */
export function createChangeKeys({ records, queue, waiter, clock }: ChangeVmDeps): ChangeKeys {
  /** The one that is the last to look at the keys. */
  const findLast = async ({ id, generation }: VmRecord): Promise<Operation | undefined> =>
    (await records.listPendingOperations()).findLast(
      (operation) => operation.vm_id === id && operation.generation === generation && operation.kind === 'update_keys',
    );

  const newUpdate = ({ id: vm_id, host_id, generation }: VmRecord, request_id: string): Operation => {
    const id = OperationId.parse(`op-${randomUUID()}`);
    const kind = 'update_keys';
    // Of the generation that there is: of two changes of keys neither overtakes the other.
    return newOperation({ id, host_id, vm_id, kind, generation, request_id }, toTimestamp(clock.now()));
  };

  /** The operation to wait for; undefined where there is nothing to do. */
  const begin = async (
    id: VmId,
    decide: (vm: VmRecord) => KeyIntent,
    requestId: string,
  ): Promise<Operation | undefined> => {
    const doing = `changing the keys of ${id}`;
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const seen = await records.getVm(id);
      if (seen === undefined) throw new AppError('VM_NOT_FOUND', doing);
      const intent = decide(seen);
      if (intent.verdict === 'settled') return undefined;
      if (intent.verdict === 'refused') {
        throw new AppError(intent.code, doing, intent.detail === undefined ? {} : { publicDetail: intent.detail });
      }
      const running = intent.verdict === 'wished' ? await findLast(seen) : undefined;
      if (running !== undefined) return running;
      const keys = intent.verdict === 'accept' ? intent.keys : seen.ssh_keys;
      const { operation } = await records.update({
        vm: {
          id,
          change: (current) => (current.revision === seen.revision ? { ...current, ssh_keys: keys } : undefined),
        },
        accept: (current) => newUpdate(current, requestId),
      });
      if (operation === undefined) continue;
      await queue.enqueue({ id: operation.id, vmId: id, kind: operation.kind });
      return operation;
    }
    throw new AppError('STORE_UNAVAILABLE', `${doing}: others kept changing it`);
  };

  return async (id, decide, requestId, following) => {
    const operation = await begin(id, decide, requestId);
    return operation === undefined ? { isDone: true } : followOperation(waiter, toJobAccepted(operation), following);
  };
}
