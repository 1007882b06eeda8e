import { type EventId, type HostId, redisNames } from '@golem-provider/contracts';
import { abortable, closeRedis, type Component, type Logger, pause } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { type FeedEvent, parseEntries, parseReply, STREAM_START } from './event-entries.ts';

/** How long one read waits for events. */
const BLOCK_MS = 5000;
const RETRY_MS = 500;

/** Called for each event, in order. Must not throw and must not wait. */
export type FeedListener = (event: FeedEvent) => void;

/** Passes on the events of a host as they happen: one blocking read for any number of listeners. */
export interface EventFeed extends Component {
  /** Listens from now on. Returns the way to end it. */
  subscribe(listener: FeedListener): () => void;
}

/** The feed over a connection of its own, as its reads block; the feed closes it when it stops. */
export function createEventFeed(redis: Redis, hostId: HostId, logger: Logger): EventFeed {
  const stream = redisNames(hostId).events;
  const listeners = new Set<FeedListener>();
  const controller = new AbortController();
  const { signal } = controller;
  let loop = Promise.resolve();

  const lastId = async (): Promise<EventId> => {
    const reply = await abortable(redis.xrevrange(stream, '+', '-', 'COUNT', 1), signal);
    return parseEntries(reply, logger).last ?? STREAM_START;
  };
  const deliver = (entries: readonly FeedEvent[]): void => {
    for (const entry of entries) for (const listener of listeners) listener(entry);
  };
  const follow = async (start: EventId): Promise<void> => {
    let position = start;
    while (!signal.aborted) {
      try {
        const read = redis.xread('COUNT', 500, 'BLOCK', BLOCK_MS, 'STREAMS', stream, position);
        // A read over a connection that hangs ends only with its socket; a stop does not wait for that.
        const reply = await abortable(read, signal);
        const { events, last } = parseReply(reply, logger);
        position = last ?? position;
        deliver(events);
      } catch (err) {
        if (controller.signal.aborted) return;
        logger.warn({ err }, 'reading events failed');
        await pause(RETRY_MS, signal).catch(() => undefined);
      }
    }
  };

  return {
    name: 'event feed',
    async start() {
      const position = await lastId();
      loop = follow(position);
    },
    async stop() {
      controller.abort();
      closeRedis(redis);
      await loop;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
