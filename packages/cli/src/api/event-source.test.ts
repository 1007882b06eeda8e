import { describe, expect, it } from '@jest/globals';
import type { StreamedEvent } from '@golem-provider/contracts';
import { type EventPlace, listen } from './event-source.ts';

const GAP = { type: 'gap', last_event_id: '1-0' } as const;
const { signal } = new AbortController();

/** A body of these chunks, which then ends, or stays silent until the connection is given up. */
function body(chunks: readonly string[], connection: AbortSignal, isSilent: boolean): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      if (isSilent) connection.addEventListener('abort', () => controller.error(connection.reason));
      else controller.close();
    },
  });
}

describe('listen', () => {
  it('hands over each event, however it is cut, and knows the place of the last', async () => {
    const taken: (StreamedEvent | undefined)[] = [];
    const place: EventPlace = { lastEventId: '1-0' };
    const asked: (string | undefined)[] = [];
    await listen(
      (after, connection) => {
        asked.push(after);
        const text = `id: 2-0\nevent: gap\ndata: ${JSON.stringify(GAP)}\n\n: heartbeat\n\nid: 3-0\ndata: {"type":"new"}\n\ndata: no JSON\n\n`;
        return Promise.resolve(body([text.slice(0, 20), text.slice(20)], connection, false));
      },
      place,
      (event) => taken.push(event),
      { signal },
    );
    expect([asked, taken, place.lastEventId]).toEqual([['1-0'], [GAP, undefined, undefined], '3-0']);
  });
  it('ends where nothing will come any more', async () => {
    await listen(
      () => Promise.resolve(undefined),
      { lastEventId: '1-0' },
      () => expect(true).toBe(false),
      { signal },
    );
  });
  it('gives a connection up on which nothing is heard, not even a heartbeat', async () => {
    const silent = listen(
      (_, connection) => Promise.resolve(body([': heartbeat\n\n'], connection, true)),
      { lastEventId: undefined },
      () => undefined,
      { signal, silenceLimitMs: 20 },
    );
    await expect(silent).rejects.toThrow('nothing was heard');
  });
});
