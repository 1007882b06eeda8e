import { EventId, Owner, type OwnerId, ProviderEvent } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import { z } from 'zod';
import { parseStored } from './records.ts';

/** An event with its id in the stream, which orders it and by which a listener resumes. */
export interface FeedEvent {
  readonly id: EventId;
  readonly event: ProviderEvent;
  /** Who may be told; null: the operator alone. */
  readonly owner: OwnerId | null;
}

/** A piece of the stream, in order. */
export interface EventPage {
  readonly events: readonly FeedEvent[];
  /** Id of the last entry that was read; undefined where there was none. */
  readonly last: EventId | undefined;
  /** How many entries were read, also those that are no event. */
  readonly count: number;
}

/** What is before every event. */
export const STREAM_START: EventId = '0-0';

const Entries = z.array(z.tuple([EventId, z.array(z.string())]));
const Owned = z.object({ owner: Owner });
const Reply = z.array(z.tuple([z.string(), Entries]));

/** Parses the reply of XRANGE. An entry that is no event of ours is logged and left out: it must not stop the others. */
export function parseEntries(reply: unknown, logger: Logger): EventPage {
  const entries = Entries.parse(reply);
  const events = entries.flatMap(([id, fields]): FeedEvent[] => {
    const json = fields[fields.indexOf('json') + 1] ?? '';
    try {
      const { owner } = parseStored(Owned, json, `event ${id}`);
      return [{ id, event: parseStored(ProviderEvent, json, `event ${id}`), owner }];
    } catch (err) {
      logger.error({ err }, 'an entry of the event stream was left out');
      return [];
    }
  });
  return { events, last: entries.at(-1)?.[0], count: entries.length };
}

/** Parses the reply of XREAD on one stream; null where the wait ran out. */
export function parseReply(reply: unknown, logger: Logger): EventPage {
  return parseEntries(reply === null ? [] : Reply.parse(reply).flatMap(([, entries]) => entries), logger);
}

/** Orders two ids: negative where `a` is before `b`. */
export function compareEventIds(a: EventId, b: EventId): number {
  const [aMs = 0, aSequence = 0] = a.split('-').map(Number);
  const [bMs = 0, bSequence = 0] = b.split('-').map(Number);
  return aMs === bMs ? aSequence - bSequence : aMs - bMs;
}
