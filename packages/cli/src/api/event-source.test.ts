import { describe, expect, it } from '@jest/globals';
import type { StreamedEvent } from '@golem-provider/contracts';
import { type EventPlace, listen } from './event-source.ts';

const GAP = { type: 'gap', last_event_id: '1-0' } as const;
const { signal } = new AbortController();

/** An answer of these chunks, which then ends, or stays silent. */
function answer(chunks: readonly string[], isSilent: boolean): Response {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      if (!isSilent) controller.close();
    },
  });
  return new Response(body);
}

describe('listen', () => {
  it('hands over each event, however it is cut, and knows the place of the last', async () => {
    const taken: (StreamedEvent | undefined)[] = [];
    const place: EventPlace = { lastEventId: '1-0' };
    const asked: (string | undefined)[] = [];
    await listen(
      (after) => {
        asked.push(after);
        const text = `id: 2-0\nevent: gap\ndata: ${JSON.stringify(GAP)}\n\n: heartbeat\n\nid: 3-0\ndata: {"type":"new"}\n\ndata: no JSON\n\n`;
        return Promise.resolve(answer([text.slice(0, 20), text.slice(20)], false));
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
      () => Promise.resolve(answer([': heartbeat\n\n'], true)),
      { lastEventId: undefined },
      () => undefined,
      { signal, silenceLimitMs: 20 },
    );
    await expect(silent).rejects.toThrow('nothing was heard');
  });
});
