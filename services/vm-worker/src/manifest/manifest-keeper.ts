import { isFinished, type Operation, type VmId, type VmRecord } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { RecordStore, Updated } from '@golem-provider/store';
import { type Manifest, manifestMark } from './manifest.ts';
import type { ManifestStore } from './manifest-store.ts';

/** What the keeper works with. */
export interface ManifestKeeperDeps {
  readonly manifests: Pick<ManifestStore, 'write' | 'remove'>;
  readonly records: Pick<RecordStore, 'getVm'>;
  /** Told after each try to write, and when a manifest is removed: an error where one is not as new as it should be, undefined otherwise. */
  readonly onWritten: (error: unknown) => void;
  readonly logger: Logger;
}

/** Keeps the manifests as new as what the worker knows. */
export interface ManifestKeeper {
  /** Takes what a file holds, by its mark, as written already for a VM whose record is no older. The first time only. */
  adopt(vm: VmRecord, pending: readonly Operation[], mark: string): void;
  /** Writes what an update has changed. Never rejects: the records have it, and the next resync writes it again. */
  note(updated: Updated): Promise<void>;
  /** Whether nothing is left to write of a record. */
  isWritten(vm: VmRecord): boolean;
  /** Writes the manifest where the record is newer, or where the file is known to be missing or old. */
  ensure(vm: VmRecord, pending: readonly Operation[], isFileStale: boolean): Promise<void>;
  /** Removes the manifest of a VM that is about to be forgotten; none is written for it again, by whatever is still under way. */
  remove(id: VmId): Promise<void>;
  /**
   * Told at each comparison which VMs have a record. A removed manifest is remembered for as long as there is a record, from
   * which it could be written again, and until the second comparison in a row that finds none: whatever had read the record
   * before, the comparison during which it went included, has come to its end by then.
   */
  compared(ids: ReadonlySet<VmId>): void;
}

/** The keeper over the files. Writes for one VM follow each other, and an older record never replaces a newer one. */
export function createManifestKeeper({ manifests, records, onWritten, logger }: ManifestKeeperDeps): ManifestKeeper {
  const known = new Map<VmId, Manifest>();
  const marks = new Map<VmId, string>();
  /** Whether the last comparison found no record any more. */
  const removed = new Map<VmId, { isForgotten: boolean }>();
  /** The manifests that could not be written last time, and why. */
  const failures = new Map<VmId, unknown>();
  const turns = new Map<VmId, Promise<void>>();

  const inTurn = (id: VmId, run: () => Promise<void>): Promise<void> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(run);
    // The next one in line goes on whatever became of this one.
    const settled = turn
      .catch(() => undefined)
      .finally(() => {
        if (turns.get(id) === settled) turns.delete(id);
      });
    turns.set(id, settled);
    return turn;
  };
  const tell = (): void => {
    const [failure] = failures.values();
    onWritten(failure);
  };
  const save = async (id: VmId): Promise<void> => {
    const manifest = known.get(id);
    if (manifest === undefined || removed.has(id)) return;
    const mark = manifestMark(manifest);
    if (marks.get(id) === mark) return;
    try {
      await manifests.write(manifest);
      marks.set(id, mark);
      failures.delete(id);
    } catch (err) {
      logger.error({ err, vm_id: id }, 'the manifest of a VM could not be written');
      failures.set(id, err);
    }
    tell();
  };
  const learnVm = (vm: VmRecord): void => {
    if (removed.has(vm.id)) return;
    const before = known.get(vm.id);
    if (before === undefined || before.vm.revision < vm.revision)
      known.set(vm.id, { vm, operations: before?.operations ?? [] });
  };
  const learnOperation = async (operation: Operation): Promise<void> => {
    const id = operation.vm_id;
    // The wish of an operation was written by the gateway.
    if ((known.get(id)?.vm.generation ?? 0) < operation.generation) {
      const vm = await records.getVm(id);
      if (vm === undefined) return;
      learnVm(vm);
    }
    const before = known.get(id);
    if (before === undefined) return;
    const earlier = before.operations.find((other) => other.id === operation.id);
    if (earlier !== undefined && earlier.revision > operation.revision) return;
    const others = before.operations.filter((other) => other.id !== operation.id);
    known.set(id, { ...before, operations: isFinished(operation.status) ? others : [...others, operation] });
  };

  return {
    adopt(vm, pending, mark) {
      const { id } = vm;
      if (known.has(id) || removed.has(id)) return;
      known.set(id, { vm, operations: pending });
      marks.set(id, mark);
    },
    isWritten({ id, revision }) {
      if (removed.has(id)) return true;
      const manifest = known.get(id);
      if (manifest === undefined || manifest.vm.revision < revision || turns.has(id)) return false;
      return marks.get(id) === manifestMark(manifest);
    },
    async note({ vm, operation }) {
      if (vm !== undefined) learnVm(vm);
      if (operation !== undefined) await learnOperation(operation);
      const id = vm?.id ?? operation?.vm_id;
      if (id !== undefined) await inTurn(id, () => save(id));
    },
    async ensure(vm, pending, isFileStale) {
      if (!known.has(vm.id) && !removed.has(vm.id)) known.set(vm.id, { vm, operations: pending });
      learnVm(vm);
      await inTurn(vm.id, async () => {
        if (isFileStale) marks.delete(vm.id);
        await save(vm.id);
      });
    },
    remove: (id) =>
      inTurn(id, async () => {
        removed.set(id, { isForgotten: false });
        known.delete(id);
        marks.delete(id);
        await manifests.remove(id);
        if (failures.delete(id)) tell();
      }),
    compared(ids) {
      for (const [id, memory] of removed) {
        if (!ids.has(id) && memory.isForgotten) removed.delete(id);
        else memory.isForgotten = !ids.has(id);
      }
    },
  };
}

/** A record store that has every change of a VM that it makes written to the VM's manifest before it resolves. */
export function keepManifests(records: RecordStore, keeper: ManifestKeeper): RecordStore {
  return {
    ...records,
    async update(wanted) {
      const updated = await records.update(wanted);
      await keeper.note(updated);
      return updated;
    },
    async movePort(id, port, range) {
      const moved = await records.movePort(id, port, range);
      const vm = await records.getVm(id);
      if (vm !== undefined) await keeper.note({ vm, operation: undefined });
      return moved;
    },
    async forget(vm) {
      // First: what is forgotten must not come back from a file.
      await keeper.remove(vm.id);
      return records.forget(vm);
    },
  };
}
