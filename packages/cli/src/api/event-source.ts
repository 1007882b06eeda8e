import { StreamedEvent } from '@golem-provider/contracts';
import { readChunks } from '@golem-provider/service-kit';
import { createParser } from 'eventsource-parser';

/** The provider sends something every 15 s, were it only a heartbeat: after so long the connection is dead. */
const SILENCE_LIMIT_MS = 60_000;

/** Where a listener is among the events; it is moved on as they come. */
export interface EventPlace {
  lastEventId: string | undefined;
}

/** Opens a stream of events from after `lastEventId`; undefined where nothing will come any more. */
export type OpenEvents = (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response | undefined>;

/** What takes events; undefined is one that this version does not understand. */
export type TakeEvent = (event: StreamedEvent | undefined) => void;

function parseEvent(data: string): StreamedEvent | undefined {
  try {
    return StreamedEvent.safeParse(JSON.parse(data)).data;
  } catch {
    // An event whose data is no JSON is as little understood as one of an unknown kind.
    return undefined;
  }
}

/**
 * Hands over the events of one connection until it ends: undisturbed where the provider ended it, otherwise with a rejection,
 * also when nothing was heard for a minute.
 */
export async function listen(
  open: OpenEvents,
  place: EventPlace,
  take: TakeEvent,
  { signal, silenceLimitMs = SILENCE_LIMIT_MS }: { readonly signal: AbortSignal; readonly silenceLimitMs?: number },
): Promise<void> {
  signal.throwIfAborted();
  const connection = new AbortController();
  const end = (): void => connection.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  const silence = setTimeout(
    () => connection.abort(new Error(`nothing was heard for ${silenceLimitMs / 1000} s`)),
    silenceLimitMs,
  );
  const parser = createParser({
    onEvent: ({ id, data }) => {
      place.lastEventId = id ?? place.lastEventId;
      take(parseEvent(data));
    },
  });
  const decoder = new TextDecoder();
  try {
    const response = await open(place.lastEventId, connection.signal);
    if (response === undefined) return;
    for await (const chunk of readChunks(response, connection.signal)) {
      silence.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    connection.abort();
  }
}
