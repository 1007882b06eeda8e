import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { StreamedEvent } from '@golem-provider/contracts';

/** One event as it came over the wire. */
export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: StreamedEvent;
}

/** A client that listens to a stream of events. */
export interface EventListener {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** What has come so far. */
  readonly events: readonly ReceivedEvent[];
  /** Everything that came, as it was sent. */
  text(): string;
  /** Whether the server has ended the stream, or cut it. */
  isEnded(): boolean;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

function parseFrame(frame: string): ReceivedEvent | undefined {
  const fields = new Map(
    frame
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => line.split(/: (.*)/s))
      .map(([name = '', value = '']): [string, string] => [name, value]),
  );
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const event = StreamedEvent.parse(JSON.parse(data));
  if (fields.get('event') !== event.type) throw new Error(`an event named ${fields.get('event')} is ${event.type}`);
  return { id: fields.get('id'), event };
}

/** Connects and resolves when the answer has begun. */
export async function listenTo(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventListener> {
  const client: ClientRequest = request(url, { headers, agent: false });
  client.end();
  const [response]: IncomingMessage[] = await once(client, 'response');
  if (response === undefined) throw new Error('no answer');
  const events: ReceivedEvent[] = [];
  let text = '';
  let rest = '';
  let isEnded = false;
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
    const frames = (rest + piece).split('\n\n');
    rest = frames.pop() ?? '';
    if (response.statusCode !== 200) return;
    for (const received of frames.map(parseFrame)) if (received !== undefined) events.push(received);
  });
  response.on('close', () => (isEnded = true));
  response.on('error', () => undefined);
  client.on('error', () => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    text: () => text,
    isEnded: () => isEnded,
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => client.destroy(),
  };
}
