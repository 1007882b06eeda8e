import { Agent, request } from 'node:http';
import { API_PREFIX } from '@golem-provider/contracts';

/** It only ends a request that has failed. */
const REQUEST_LIMIT_MS = 120_000;

/**
 * A connection that was idle for longer is not used again. A server that stops keeps idle ones for 300 ms; a client that stands still
 * for longer, on a busy machine, has not seen yet that its connection was closed.
 */
const IDLE_LIMIT_MS = 100;

/** How a request ended. */
export type Outcome =
  /** It was answered, to the last byte. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
    }
  /** Nobody listened, or the connection was closed before anybody had taken it. */
  | { readonly kind: 'refused'; readonly words: string }
  /** A connection that was in use ended before the answer did. */
  | { readonly kind: 'cut'; readonly words: string };

/** A request. */
export interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After the prefix of the API. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** A client with one connection, which it keeps from one request to the next that follows soon. */
export interface HttpClient {
  send(sent: Sent): Promise<Outcome>;
  close(): void;
}

const errorCodeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/** Makes a client that tells every outcome to `onOutcome`. */
export function createHttpClient(baseUrl: string, onOutcome: (sent: Sent, outcome: Outcome) => void): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let underWay = 0;
  let idleSinceMs = 0;

  const exchange = ({ method, path, body, idempotencyKey }: Sent): Promise<Outcome> =>
    new Promise((resolve) => {
      const outgoing = request(`${baseUrl}${API_PREFIX}${path}`, {
        method,
        agent,
        signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        headers: {
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        },
      });
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => resolve({ kind: 'cut', words: `within the answer: ${error.message}` }));
        response.on('end', () =>
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', (error) => {
        const isNew = !outgoing.reusedSocket;
        const isUntaken = errorCodeOf(error) === 'ECONNREFUSED' || (isNew && errorCodeOf(error) === 'ECONNRESET');
        resolve({ kind: isUntaken ? 'refused' : 'cut', words: `${errorCodeOf(error)} ${error.message}` });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });

  return {
    async send(sent) {
      if (underWay === 0 && performance.now() - idleSinceMs > IDLE_LIMIT_MS) agent.destroy();
      underWay += 1;
      const outcome = await exchange(sent);
      underWay -= 1;
      idleSinceMs = performance.now();
      onOutcome(sent, outcome);
      return outcome;
    },
    close: () => agent.destroy(),
  };
}
