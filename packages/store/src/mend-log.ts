import { type HostId, type MendKind, redisNames, toTimestamp, type VmId } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import type { OwnedEvent } from './events.ts';
import { createScriptRunner, type Fence } from './fence.ts';
import { guardStore } from './record-store.ts';
import { MAX_EVENTS, parseVm } from './records.ts';
import { ADD_EVENT } from './scripts.ts';

/** Tells in the event stream what was put right. */
export interface MendLog {
  /**
   * Adds the event of a mend. The VM's owner may be told; where it has no record, the operator alone.
   *
   * @throws AppError `STORE_UNAVAILABLE`
   */
  add(id: VmId, mend: MendKind): Promise<void>;
}

/** The log over a Redis connection; with a fence every write needs the lease, and rejects with `LeaseLost` without. */
export function createMendLog(redis: Redis, hostId: HostId, clock: Pick<Clock, 'now'>, fence?: Fence): MendLog {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);
  return {
    add: (id, mend) =>
      guardStore(`telling of a mend of ${id}`, async () => {
        const owner = parseVm(await redis.hget(names.vm(id), 'json'), names)?.owner ?? null;
        const event: OwnedEvent = { type: 'mend', at: toTimestamp(clock.now()), vm_id: id, mend, owner };
        await run(ADD_EVENT, [names.events], [JSON.stringify(event), String(MAX_EVENTS)]);
      }),
  };
}
