import { Operation, type RedisNames, VmRecord } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import type { z } from 'zod';

/** How many events are kept (about: Redis cuts whole blocks). */
export const MAX_EVENTS = 10_000;

/** Parses the JSON of a record or report; one that does not fit its schema is a defect, never silently half-read. */
export function parseStored<Schema extends z.ZodType>(schema: Schema, json: string, key: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new AppError('INTERNAL', `reading ${key} from Redis`, { cause });
  }
}

/** Parses the reply of `HGET <vm> json`; undefined where there is no such VM. */
export function parseVm(json: string | null, names: RedisNames): VmRecord | undefined {
  return json === null ? undefined : parseStored(VmRecord, json, names.vms);
}

/** Parses the reply of `HGET <operation> json`; undefined where there is no such operation. */
export function parseOperation(json: string | null, names: RedisNames): Operation | undefined {
  return json === null ? undefined : parseStored(Operation, json, names.pendingOperations);
}

/** Few enough to hold little at once, enough for round trips not to count. */
const READ_AT_ONCE = 500;

/** Many records, parsed, in a round trip for each few hundred; those that are gone are left out. */
export async function readMany<Schema extends z.ZodType>(
  redis: Redis,
  keys: readonly string[],
  schema: Schema,
  list: string,
): Promise<z.output<Schema>[]> {
  const items: z.output<Schema>[] = [];
  for (let first = 0; first < keys.length; first += READ_AT_ONCE) {
    const pipeline = redis.pipeline();
    for (const key of keys.slice(first, first + READ_AT_ONCE)) pipeline.hget(key, 'json');
    for (const [error, reply] of (await pipeline.exec()) ?? []) {
      if (error !== null) throw error;
      if (typeof reply === 'string') items.push(parseStored(schema, reply, list));
    }
  }
  return items;
}
