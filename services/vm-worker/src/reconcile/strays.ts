import type { VmId } from '@golem-provider/contracts';
import type { Clock, Logger } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { VmKeyStore } from '../keys/vm-key-store.ts';
import type { VmTurns } from '../operations/vm-turns.ts';
import { createAbsences } from './absences.ts';
import type { Mends } from './mends.ts';

/** For so long after Redis has lost data nothing is removed: what looks like a stray may be all that is left of a VM. */
const QUIET_AFTER_LOSS_MS = 60 * 60_000;

/** What one healthy look found that no record speaks of. */
export interface StrayLook {
  /** Ids of VMs that have a record. */
  readonly known: ReadonlySet<VmId>;
  readonly machines: Iterable<VmId>;
  readonly forwards: Iterable<VmId>;
  /** VMs that have a directory of keys. */
  readonly directories: Iterable<VmId>;
  /** VMs of which a person must decide: they have a manifest that could not be used. */
  readonly untrusted: ReadonlySet<VmId>;
}

/** What the collector works with. */
export interface StrayCollectorDeps {
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly hypervisor: Pick<Hypervisor, 'delete'>;
  readonly forwarder: Pick<PortForwarder, 'remove'>;
  readonly keys: Pick<VmKeyStore, 'remove'>;
  readonly turns: VmTurns;
  /** Whether anything in the data directory says that a machine was made from here. */
  readonly isOurs: (id: VmId) => Promise<boolean>;
  /** How long the data of Redis have gone without a loss, in milliseconds. */
  readonly storeAgeMs: () => number;
  readonly mends: Mends;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes what belongs to no VM any more, when that has been so for long enough. */
export interface StrayCollector {
  /** Redis has lost data: everything starts to count anew. */
  lossNoticed(): void;
  /** Takes one look into account; resolves with what was removed. */
  collect(look: StrayLook, signal: AbortSignal): Promise<readonly VmId[]>;
}

/** A collector that remembers the looks of this process alone, so that it is slower after a restart, never quicker. */
export function createStrayCollector(deps: StrayCollectorDeps): StrayCollector {
  const { records, hypervisor, forwarder, keys, turns, mends, clock, logger } = deps;
  /** Of records, for what there is on the host: several looks in a row, some time apart, prove that there is none. */
  const absences = createAbsences(clock);
  const foreign = new Set<VmId>();
  let lossMs: number | undefined;

  const isQuiet = (): boolean =>
    deps.storeAgeMs() < QUIET_AFTER_LOSS_MS || (lossMs !== undefined && clock.elapsed() - lossMs < QUIET_AFTER_LOSS_MS);

  const remove = async (id: VmId, signal: AbortSignal): Promise<boolean> => {
    try {
      return await turns.take(id, { overtakes: false, signal }, async (turnSignal) => {
        if ((await records.getVm(id)) !== undefined) return false;
        await forwarder.remove(id, { signal: turnSignal });
        await hypervisor.delete(id, { signal: turnSignal });
        await keys.remove(id);
        logger.warn({ vm_id: id }, 'removed what was left of a VM that has no record');
        await mends.tell(id, 'stray');
        return true;
      });
    } catch (err) {
      signal.throwIfAborted();
      logger.warn({ err, vm_id: id }, 'what is left of a VM without a record could not be removed');
      return false;
    }
  };
  /** What was not made from here is said once and left alone. */
  const sortOut = async (ids: Iterable<VmId>): Promise<VmId[]> => {
    const ours: VmId[] = [];
    for (const id of ids) {
      if (await deps.isOurs(id)) ours.push(id);
      else if (!foreign.has(id)) logger.warn({ vm_id: id }, 'a machine that was not made from here is left alone');
      if (!ours.includes(id)) foreign.add(id);
    }
    return ours;
  };

  return {
    lossNoticed() {
      lossMs = clock.elapsed();
      absences.doubtAll();
    },
    async collect({ known, machines, forwards, directories, untrusted }, signal) {
      const isStray = (id: VmId): boolean => !known.has(id) && !untrusted.has(id) && !turns.isBusy(id);
      const found = new Set(machines);
      for (const id of foreign) if (!found.has(id)) foreign.delete(id);
      const strayMachines = await sortOut([...found].filter(isStray));
      const strays = new Set([...strayMachines, ...[...forwards, ...directories].filter(isStray)]);
      absences.keepOnly(strays);
      const due: VmId[] = [];
      for (const id of strays) {
        const isProven = absences.miss(id);
        logger.warn({ vm_id: id, is_proven: isProven }, 'something is there of a VM that has no record');
        if (isProven) due.push(id);
      }
      if (isQuiet()) return [];
      const removed: VmId[] = [];
      for (const id of due) if (await remove(id, signal)) removed.push(id);
      return removed;
    },
  };
}
