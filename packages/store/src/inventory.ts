import { type HostId, isFinished, Operation, redisNames, Reservation, VmRecord } from '@golem-provider/contracts';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { guardStore } from './record-store.ts';

/** All that Redis holds for one host, as it is: nothing here is known to fit together. */
export interface Inventory {
  readonly vms: readonly VmRecord[];
  /** Ids in the list of all VMs. */
  readonly listedVms: ReadonlySet<string>;
  /** Operations that have not ended. */
  readonly operations: readonly Operation[];
  /** Ids in the list of operations that have not ended. */
  readonly listedOperations: ReadonlySet<string>;
  /** By VM id. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Port to VM id. */
  readonly ports: ReadonlyMap<number, string>;
  readonly busyPorts: ReadonlySet<number>;
  /** Keys whose content does not fit its schema. */
  readonly unreadable: readonly string[];
}

const SCAN_COUNT = 500;

/** Reads everything by the names of the keys, not by the lists that should name them. Errors: AppError `STORE_UNAVAILABLE`. */
export async function readInventory(redis: Redis, hostId: HostId): Promise<Inventory> {
  const names = redisNames(hostId);
  const unreadable: string[] = [];
  const parse = <Schema extends z.ZodType>(schema: Schema, json: string, key: string): z.output<Schema>[] => {
    try {
      return [schema.parse(JSON.parse(json))];
    } catch {
      unreadable.push(key);
      return [];
    }
  };
  const scan = async (prefix: string): Promise<string[]> => {
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT);
      for (const key of keys) found.add(key);
      cursor = next;
    } while (cursor !== '0');
    return [...found].sort();
  };
  const readAll = async <Schema extends z.ZodType>(prefix: string, schema: Schema): Promise<z.output<Schema>[]> => {
    const items: z.output<Schema>[] = [];
    for (const key of await scan(prefix)) {
      const json = await redis.hget(key, 'json');
      if (json !== null) items.push(...parse(schema, json, key));
    }
    return items;
  };

  return guardStore('reading all that there is of the host', async () => {
    const operations = await readAll(names.operationPrefix, Operation);
    const reservations = Object.entries(await redis.hgetall(names.reservations));
    return {
      vms: await readAll(names.vmPrefix, VmRecord),
      listedVms: new Set(await redis.zrange(names.vms, '0', '-1')),
      operations: operations.filter(({ status }) => !isFinished(status)),
      listedOperations: new Set(await redis.zrange(names.pendingOperations, '0', '-1')),
      reservations: new Map(
        reservations.flatMap(([id, json]) =>
          parse(Reservation, json, names.reservations).map((reservation) => [id, reservation] as const),
        ),
      ),
      ports: new Map(Object.entries(await redis.hgetall(names.ports)).map(([port, id]) => [Number(port), id])),
      busyPorts: new Set((await redis.smembers(names.busyPorts)).map(Number)),
      unreadable,
    };
  });
}
