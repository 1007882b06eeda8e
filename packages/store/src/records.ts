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

/** The JSON of many records in one round trip; those that are gone are left out. */
export async function readMany(redis: Redis, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hget(key, 'json');
  const replies = (await pipeline.exec()) ?? [];
  return replies.flatMap(([error, reply]) => {
    if (error !== null) throw error;
    return typeof reply === 'string' ? [reply] : [];
  });
}
