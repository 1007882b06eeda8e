import { randomUUID } from 'node:crypto';
import {
  isSameSpec,
  newOperation,
  type Operation,
  OperationId,
  sizeOf,
  toTimestamp,
  type VmId,
  type VmRecord,
  type VmSpec,
} from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { RecordStore } from './record-store.ts';

/** Changes of the size of a VM, and with it of what it holds. */
export interface Resizing {
  /**
   * Accepts a resize of a VM in one step: what it needs in addition is free and reserved, the record holds the wish, and the
   * operation is written. Until `settle`, the larger of old and new is held. Resolves with undefined when the record is no
   * longer what `vm` says: look again.
   *
   * @throws AppError with the reason, nothing having been changed: `RESOURCES_EXHAUSTED`, `THRESHOLD_EXCEEDED`,
   *   `SAMPLES_STALE`, `WORKER_UNAVAILABLE`, `HYPERVISOR_UNAVAILABLE`, these where it grows.
   */
  admit(vm: VmRecord, target: VmSpec, requestId: string | null): Promise<Operation | undefined>;
  /** The machine has `spec`: from now on so do the record and the reservation, and no resize is under way. */
  settle(id: VmId, spec: VmSpec): Promise<void>;
}

/** Resizing over the records. */
export function createResizing(records: Pick<RecordStore, 'update'>, clock: Clock): Resizing {
  return {
    async admit(seen, target, requestId) {
      const newResize = ({ id: vm_id, host_id, generation }: VmRecord): Operation => {
        const id = OperationId.parse(`op-${randomUUID()}`);
        const identity = { id, host_id, vm_id, kind: 'resize', generation, request_id: requestId } as const;
        return newOperation(identity, toTimestamp(clock.now()));
      };
      const { operation } = await records.update({
        vm: {
          id: seen.id,
          change: (vm) =>
            vm.revision === seen.revision
              ? { ...vm, resize: { target, state: 'wanted' }, generation: vm.generation + 1 }
              : undefined,
        },
        accept: newResize,
        mayGrow: true,
      });
      return operation;
    },
    async settle(id, spec) {
      await records.update({
        vm: {
          id,
          change: (vm) =>
            vm.resize === null && isSameSpec(vm.spec, spec)
              ? undefined
              : { ...vm, spec, size: sizeOf(spec), resize: null },
        },
        // A machine that somebody else has made larger than either size holds more from now on.
        mayGrow: true,
      });
    },
  };
}
