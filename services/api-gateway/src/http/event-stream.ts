import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { EVENT_STREAM_MEDIA_TYPE, type EventId, type StreamedEvent } from '@golem-provider/contracts';
import { withDeadline } from '@golem-provider/service-kit';

/** What may wait in this process for one listener that does not read. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** How long a listener may take to read what is kept for it. */
const DRAIN_TIMEOUT_MS = 30_000;
/** Below the idle limits of common proxies. */
const HEARTBEAT_MS = 15_000;

/** One listener of a stream of Server-Sent Events. */
export interface EventSink {
  /**
   * Sends an event; one without an id is not a place to resume from. Cuts the listener off when too much waits for it
   * already: it comes again, and slows no other down.
   */
  send(event: StreamedEvent, id: EventId | undefined): void;
  /** Tells the listener from where to resume without telling it of an event; of others there may be many. */
  mark(id: EventId): void;
  /** Resolves when the listener has read enough that more may be sent. Cuts it off when that takes too long. */
  drained(): Promise<void>;
  /** Aborts when the listener has left or was cut off, or the service stops. */
  readonly ended: AbortSignal;
}

/** What sends events to a listener: resolves when there is nothing more to send, rejects when it could not go on. */
export type EventStream = (sink: EventSink) => Promise<void>;

/** One event in the form of the stream (WHATWG HTML, server-sent events). */
function formatEvent(event: StreamedEvent, id: EventId | undefined): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** How a stream is served. */
export interface EventStreamOptions {
  /** Aborts when the service stops. */
  readonly stopping: AbortSignal;
  readonly heartbeatMs?: number;
  readonly maxBufferedBytes?: number;
}

/**
 * Answers with a stream and resolves when it has ended, for whatever reason; rejects when the stream itself failed. Lines
 * that mean nothing are sent now and then, so that nobody in between takes the connection for dead.
 */
export async function serveEventStream(
  response: ServerResponse,
  stream: EventStream,
  { stopping, heartbeatMs = HEARTBEAT_MS, maxBufferedBytes = MAX_BUFFERED_BYTES }: EventStreamOptions,
): Promise<void> {
  const controller = new AbortController();
  const ended = controller.signal;
  const end = (): void => controller.abort(new Error('the listener has ended'));
  const isEnded = (): boolean => ended.aborted;
  const write = (text: string): void => {
    if (isEnded()) return;
    if (response.writableLength > maxBufferedBytes) {
      end();
      response.destroy();
      return;
    }
    response.write(text);
  };
  response.once('close', end);
  stopping.addEventListener('abort', end);
  const heartbeat = setInterval(() => write(': heartbeat\n\n'), heartbeatMs);
  try {
    // A connection that served a stream serves nothing else. `no-transform` and the last one keep proxies from holding it back.
    response.writeHead(200, {
      'Content-Type': `${EVENT_STREAM_MEDIA_TYPE}; charset=utf-8`,
      'Cache-Control': 'no-cache, no-transform',
      Connection: 'close',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    if (stopping.aborted || response.closed || response.req.method === 'HEAD') end();
    await stream({
      send: (event, id) => write(formatEvent(event, id)),
      // Without data it sets the place of the listener and is no event.
      mark: (id) => write(`id: ${id}\n\n`),
      async drained() {
        if (!response.writableNeedDrain || isEnded()) return;
        try {
          await once(response, 'drain', { signal: withDeadline(ended, DRAIN_TIMEOUT_MS) });
        } catch {
          if (isEnded()) return;
          end();
          response.destroy();
        }
      },
      ended,
    });
  } finally {
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
    end();
    response.end();
  }
}
