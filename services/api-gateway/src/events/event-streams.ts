import { type EventId, isFinished, type Operation, type OperationId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import {
  compareEventIds,
  type EventFeed,
  type EventHistory,
  type FeedEvent,
  operationState,
  type RecordStore,
  STREAM_START,
} from '@golem-provider/store';
import type { EventStream } from '../http/event-stream.ts';
import { followEvents } from './event-follower.ts';
import type { ListenerLimit } from './listener-limit.ts';

/** Entries bear the time of Redis, operations that of whoever accepted them; so much may lie between the two. */
const CLOCK_TOLERANCE_MS = 60_000;
/** How many events are looked through for whether a listener has missed one of its job. */
const LOOK_AHEAD = 1000;

/** What the streams work with. */
export interface EventStreamsDeps {
  readonly records: Pick<RecordStore, 'getOperation'>;
  readonly feed: Pick<EventFeed, 'subscribe'>;
  readonly history: EventHistory;
  readonly limit: ListenerLimit;
}

/** Who listens, and from where on. */
export interface Listener {
  /** Counts together what one client listens to. */
  readonly client: string;
  readonly lastEventId: EventId | undefined;
}

/** Streams of events. All of them reject with what can be said before a stream begins. */
export interface EventStreams {
  /** What `accepts` lets pass of everything that happens. */
  all(listener: Listener, accepts: (event: FeedEvent) => boolean): Promise<EventStream>;
  /**
   * One job, until its end; undefined where the listener has received that already.
   *
   * @throws AppError `JOB_NOT_FOUND`
   */
  job(listener: Listener, id: OperationId): Promise<EventStream | undefined>;
}

/** The streams over the events of a host. */
export function createEventStreams({ records, feed, history, limit }: EventStreamsDeps): EventStreams {
  /** From where a listener goes on, and the event that tells of a gap, where there is one. */
  const placeOf = async (lastEventId: EventId | undefined): Promise<{ after: EventId; isGap: boolean }> => {
    const bounds = await history.bounds();
    if (lastEventId === undefined) return { after: bounds?.last ?? STREAM_START, isGap: false };
    if (bounds === undefined) return { after: STREAM_START, isGap: lastEventId !== STREAM_START };
    // A place of which only later events are kept, or one that this stream never came to: Redis has lost its data since.
    if (compareEventIds(lastEventId, bounds.last) > 0) return { after: bounds.last, isGap: true };
    return { after: lastEventId, isGap: compareEventIds(lastEventId, bounds.first) < 0 };
  };

  const counted = (client: string, stream: EventStream): EventStream => {
    const leave = limit.enter(client);
    return async (sink) => {
      try {
        await stream(sink);
      } finally {
        leave();
      }
    };
  };

  const mustGet = async (id: OperationId): Promise<Operation> => {
    const operation = await records.getOperation(id);
    if (operation === undefined) throw new AppError('JOB_NOT_FOUND', `listening to ${id}`);
    return operation;
  };

  return {
    async all({ client, lastEventId }, accepts) {
      const { after, isGap } = await placeOf(lastEventId);
      return counted(client, async (sink) => {
        if (isGap && lastEventId !== undefined) sink.send({ type: 'gap', last_event_id: lastEventId }, after);
        await followEvents({ feed, history }, { after, accepts }, sink);
      });
    },
    async job({ client, lastEventId }, id) {
      const accepts = ({ event }: FeedEvent): boolean => event.type === 'operation' && event.job_id === id;
      const operation = await mustGet(id);
      const created: EventId = `${Math.max(0, Date.parse(operation.created_at) - CLOCK_TOLERANCE_MS)}-0`;
      const { after, isGap } =
        lastEventId === undefined ? { after: created, isGap: false } : await placeOf(lastEventId);
      if (lastEventId !== undefined && !isGap && isFinished(operation.status)) {
        const { events, count } = await history.readAfter(after, LOOK_AHEAD);
        if (count < LOOK_AHEAD && !events.some(accepts)) return undefined;
      }
      return counted(client, async (sink) => {
        if (isGap && lastEventId !== undefined) sink.send({ type: 'gap', last_event_id: lastEventId }, after);
        await followEvents(
          { feed, history },
          {
            after,
            accepts,
            isLast: ({ event }) => event.type === 'operation' && isFinished(event.status),
            async lateEnd() {
              const current = await mustGet(id);
              return isFinished(current.status) ? operationState(current) : undefined;
            },
          },
          sink,
        );
      });
    },
  };
}
