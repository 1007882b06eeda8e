import { type EventId, type HostId, redisNames } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { type EventPage, parseEntries, STREAM_START } from './event-entries.ts';
import { guardStore } from './record-store.ts';

/** The events of a host that are still kept. Errors: AppError `STORE_UNAVAILABLE`. */
export interface EventHistory {
  /** The ids of the oldest and of the newest event; undefined where there is none. */
  bounds(): Promise<{ readonly first: EventId; readonly last: EventId } | undefined>;
  /** At most `count` events after a place, oldest first. */
  readAfter(position: EventId, count: number): Promise<EventPage>;
}

/** The history over a connection whose commands are answered or fail soon; never that of the feed, which blocks. */
export function createEventHistory(redis: Redis, hostId: HostId, logger: Logger): EventHistory {
  const stream = redisNames(hostId).events;
  return {
    bounds: () =>
      guardStore('looking how far the events go back', async () => {
        const [oldest, newest] = await Promise.all([
          redis.xrange(stream, '-', '+', 'COUNT', 1),
          redis.xrevrange(stream, '+', '-', 'COUNT', 1),
        ]);
        const first = parseEntries(oldest, logger).last;
        const last = parseEntries(newest, logger).last;
        return first === undefined || last === undefined ? undefined : { first, last };
      }),
    readAfter: (position, count) =>
      guardStore(`reading events after ${position}`, async () => {
        // Redis takes no place before the first for an exclusive one.
        const after = position === STREAM_START ? '-' : `(${position}`;
        return parseEntries(await redis.xrange(stream, after, '+', 'COUNT', count), logger);
      }),
  };
}
