import type { VmId, VmRecord } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';

/** How long the record of a failed creation is kept for those who ask what became of it. */
export const DISCARDED_RETENTION_MS = 24 * 60 * 60 * 1000;
/** How long at least after this worker first saw it, whatever the clock says. */
const GRACE_MS = 60 * 60 * 1000;

/** Judges how old records are. */
export interface Retention {
  /** Whether a record has been kept long enough since its last change. */
  isOver(vm: Pick<VmRecord, 'id' | 'revision' | 'updated_at'>): boolean;
  /** Forgets all records but these. */
  keepOnly(ids: ReadonlySet<VmId>): void;
}

interface Sighting {
  readonly revision: number;
  readonly ageMs: number;
  readonly atMs: number;
}

/**
 * The clock of the day is asked once, when a record is first seen; from then on its age goes by the clock that nobody can
 * set. A clock that was wrong then, or is set later, neither ends a record at once nor keeps it for years.
 */
export function createRetention(clock: Clock): Retention {
  const sightings = new Map<VmId, Sighting>();
  return {
    isOver({ id, revision, updated_at }) {
      const elapsed = clock.elapsed();
      let sighting = sightings.get(id);
      if (sighting?.revision !== revision) {
        const ageMs = Math.min(Math.max(0, clock.now() - Date.parse(updated_at)), DISCARDED_RETENTION_MS - GRACE_MS);
        sighting = { revision, ageMs, atMs: elapsed };
        sightings.set(id, sighting);
      }
      return sighting.ageMs + elapsed - sighting.atMs > DISCARDED_RETENTION_MS;
    },
    keepOnly(ids) {
      for (const id of sightings.keys()) if (!ids.has(id)) sightings.delete(id);
    },
  };
}
