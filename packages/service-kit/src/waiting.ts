import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * A signal that aborts with `signal`, or after `ms` with a `TimeoutError`.
 *
 * Not by `AbortSignal.any` and `AbortSignal.timeout`: Node 20 lets the garbage collector take a timeout that is only part of
 * another signal, and the deadline never comes.
 */
export function withDeadline(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const follow = (): void => {
    clearTimeout(timer);
    controller.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', follow);
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  timer.unref();
  // Many calls at once share a caller's signal; each lets go of it at its deadline, so this is no leak to be warned of.
  setMaxListeners(0, signal);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return controller.signal;
}

/** Whether a signal was ended by its deadline rather than by its caller. */
export function isDeadline(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return (
    signal.aborted &&
    typeof reason === 'object' &&
    reason !== null &&
    'name' in reason &&
    reason.name === 'TimeoutError'
  );
}

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

/**
 * Waits for a promise at most so long; then it rejects with a `TimeoutError` and what becomes of the promise is nobody's
 * concern here. For what is done with every request, as it makes no abort signal.
 */
export async function inTime<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
    ).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
