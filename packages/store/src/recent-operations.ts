import { type HostId, Operation, OperationId, redisNames } from '@golem-provider/contracts';
import type { Redis } from 'ioredis';
import { guardStore } from './record-store.ts';
import { readMany } from './records.ts';

/** How many records are read at once: enough that few round trips are made, few enough that none holds others up. */
const READ_AT_ONCE = 200;

/** Which operations are asked for. */
export interface OperationQuery {
  readonly accepts: (operation: Operation) => boolean;
  /** At most so many; at least 1. */
  readonly limit: number;
  /** Only those that come after this place; whether there is still an operation there does not matter. */
  readonly after?: OperationPlace | undefined;
}

/** A place in the list. */
export interface OperationPlace {
  readonly createdMs: number;
  readonly id: OperationId;
}

/** The operations of one host as a list. */
export interface RecentOperations {
  /**
   * Those that have not ended, however old, and all that were created within `OPERATION_RETENTION_MS`; the newest first, and of one
   * moment in an order that stays.
   *
   * @throws AppError `STORE_UNAVAILABLE`
   */
  list(query: OperationQuery): Promise<Operation[]>;
}

/** Ids and scores of the reply of `ZRANGE … WITHSCORES`, in its order. */
function scoresOf(reply: readonly string[]): (readonly [OperationId, number])[] {
  return reply.flatMap((id, index) =>
    index % 2 === 0 ? [[OperationId.parse(id), Number(reply[index + 1])] as const] : [],
  );
}

function compareNewestFirst(a: OperationPlace, b: OperationPlace): number {
  if (a.createdMs !== b.createdMs) return b.createdMs - a.createdMs;
  if (a.id === b.id) return 0;
  return a.id > b.id ? -1 : 1;
}

/** The list over a Redis connection; it is written with the operations themselves. */
export function createRecentOperations(redis: Redis, hostId: HostId): RecentOperations {
  const names = redisNames(hostId);
  return {
    list: ({ accepts, limit, after }) =>
      guardStore('listing operations', async () => {
        const [recent, pending] = await Promise.all([
          redis.zrange(names.recentOperations, '0', '-1', 'WITHSCORES'),
          redis.zrange(names.pendingOperations, '0', '-1', 'WITHSCORES'),
        ]);
        const createdMs = new Map([...scoresOf(pending), ...scoresOf(recent)]);
        const newestFirst = [...createdMs]
          .map(([id, ms]) => ({ id, createdMs: ms }))
          .filter((place) => after === undefined || compareNewestFirst(place, after) > 0)
          .sort(compareNewestFirst)
          .map(({ id }) => id);
        const found: Operation[] = [];
        for (let start = 0; start < newestFirst.length && found.length < limit; start += READ_AT_ONCE) {
          const keys = newestFirst.slice(start, start + READ_AT_ONCE).map((id) => names.operation(id));
          found.push(...(await readMany(redis, keys, Operation, names.recentOperations)).filter(accepts));
        }
        return found.slice(0, limit);
      }),
  };
}
