import type { VmId } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';

/** Something counts as lost after so many looks in a row without it… */
const LOOKS_UNTIL_LOST = 5;
/** …that lie at least so far apart: those that come sooner prove nothing new. */
const SPACING_MS = 45_000;

/** What healthy looks did not find although the rest of the VM is there: its machine, or its record. */
export interface Absences {
  /** Takes note of a look without it; true once it counts as lost. */
  miss(id: VmId): boolean;
  /** It was seen. */
  saw(id: VmId): void;
  /** Nothing is sure any more: whatever was counted is counted anew. */
  doubtAll(): void;
  /** Forgets all VMs but these. */
  keepOnly(ids: ReadonlySet<VmId>): void;
}

interface Entry {
  looks: number;
  lastMs: number;
}

/** Counts in memory: a worker that starts begins anew, which only makes it more careful. */
export function createAbsences(clock: Pick<Clock, 'elapsed'>): Absences {
  const entries = new Map<VmId, Entry>();
  return {
    miss(id) {
      const now = clock.elapsed();
      const entry = entries.get(id) ?? { looks: 0, lastMs: -Infinity };
      entries.set(id, entry);
      if (now - entry.lastMs >= SPACING_MS) {
        entry.looks += 1;
        entry.lastMs = now;
      }
      return entry.looks >= LOOKS_UNTIL_LOST;
    },
    saw: (id) => void entries.delete(id),
    doubtAll: () => entries.clear(),
    keepOnly(ids) {
      for (const id of entries.keys()) if (!ids.has(id)) entries.delete(id);
    },
  };
}
