import { once } from 'node:events';

/**
 * Waits for a promise that cannot be cancelled, at most until the signal aborts; then it rejects with the signal's reason
 * and what becomes of the promise is nobody's concern here.
 */
export async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then((): never => {
    signal.throwIfAborted();
    throw new Error('an abort event without an abort');
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    settled.abort();
  }
}
