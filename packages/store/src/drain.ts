import { DrainRecord, type HostId, redisNames, toTimestamp } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { guardStore } from './record-store.ts';
import { parseStored } from './records.ts';

/**
 * The operator's switch that keeps new VMs out. It is kept with the records, so that it outlasts every restart; admission
 * reads it in its own step. Errors: AppError `STORE_UNAVAILABLE`.
 */
export interface DrainSwitch {
  /** Undefined while new VMs are let in. */
  read(): Promise<DrainRecord | undefined>;
  /** Keeps new VMs out, from now on or as the record has it; one that is set already stays as it is. */
  set(record?: DrainRecord): Promise<DrainRecord>;
  /** Lets new VMs in again. */
  clear(): Promise<void>;
}

/** The switch over a Redis connection. */
export function createDrainSwitch(redis: Redis, hostId: HostId, clock: Clock): DrainSwitch {
  const key = redisNames(hostId).drain;
  const parse = (json: string): DrainRecord => parseStored(DrainRecord, json, key);
  return {
    read: () =>
      guardStore('reading whether the host is drained', async () => {
        const json = await redis.get(key);
        return json === null ? undefined : parse(json);
      }),
    set: (record) =>
      guardStore('draining the host', async () => {
        const json = JSON.stringify(record ?? ({ since: toTimestamp(clock.now()) } satisfies DrainRecord));
        return parse((await redis.set(key, json, 'NX', 'GET')) ?? json);
      }),
    clear: () =>
      guardStore('letting new VMs in', async () => {
        await redis.del(key);
      }),
  };
}
