import { type EventId, type StreamedEvent } from '@golem-provider/contracts';
import { abortable, pause } from '@golem-provider/service-kit';
import { compareEventIds, type EventFeed, type EventHistory, type FeedEvent } from '@golem-provider/store';
import type { EventSink } from '../http/event-stream.ts';

/** How many events are read from the store at a time. */
const PAGE = 200;
/** How many new events are kept for a listener that is still being told of older ones. */
const MAX_PENDING = 500;
/** How often the store is read even without an event, as the feed may have begun, or begun anew, after one. */
const CATCH_UP_MS = 15_000;

/** Where the events come from. */
export interface EventSource {
  readonly feed: Pick<EventFeed, 'subscribe'>;
  readonly history: EventHistory;
  readonly catchUpMs?: number;
}

/** What one listener is told. */
export interface Following {
  /** Events after this place. */
  readonly after: EventId;
  /** Whether an event is for this listener. */
  readonly accepts: (event: FeedEvent) => boolean;
  /** Whether nothing can follow after an event that was sent. */
  readonly isLast?: (event: FeedEvent) => boolean;
  /** What is sent at last where the last event is lost; asked now and then. Undefined while there is more to come. */
  readonly lateEnd?: () => Promise<StreamedEvent | undefined>;
}

/**
 * Tells a listener what has happened since a place, then what happens, each event once and in order. Resolves after the
 * last event or when the listener has ended; rejects when the store cannot be read.
 */
export async function followEvents(
  { feed, history, catchUpMs = CATCH_UP_MS }: EventSource,
  { after, accepts, isLast, lateEnd }: Following,
  sink: EventSink,
): Promise<void> {
  const finished = new AbortController();
  const isOver = (): boolean => finished.signal.aborted;
  const pending: FeedEvent[] = [];
  let position = after;
  let isLive = false;
  let isBehind = false;

  const pass = (item: FeedEvent): void => {
    if (isOver() || compareEventIds(item.id, position) <= 0) return;
    position = item.id;
    if (!accepts(item)) return;
    sink.send(item.event, item.id);
    if (isLast?.(item) === true) finished.abort();
  };
  /** Reads what the store has until nothing is missing between it and the feed; from then on the feed alone is enough. */
  const catchUp = async (): Promise<void> => {
    isLive = false;
    for (;;) {
      const page = await abortable(history.readAfter(position, PAGE), sink.ended);
      for (const item of page.events) {
        pass(item);
        await sink.drained();
      }
      if (page.last !== undefined && compareEventIds(page.last, position) > 0) position = page.last;
      if (isOver()) return;
      if (page.count < PAGE && !isBehind) break;
      // What could not be kept is in the store.
      isBehind = false;
      pending.length = 0;
    }
    for (const item of pending.splice(0)) pass(item);
    isLive = true;
  };

  const unsubscribe = feed.subscribe((item) => {
    if (isLive) pass(item);
    else if (pending.length < MAX_PENDING) pending.push(item);
    else isBehind = true;
  });
  sink.ended.addEventListener('abort', () => finished.abort(), { once: true });
  if (sink.ended.aborted) finished.abort();
  try {
    while (!isOver()) {
      await catchUp();
      if (isOver()) return;
      sink.mark(position);
      const end = await lateEnd?.();
      if (isOver()) return;
      if (end !== undefined) {
        sink.send(end, undefined);
        return;
      }
      await pause(catchUpMs, finished.signal);
    }
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    unsubscribe();
  }
}
