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
 * Aborts `controller` as soon as one of the signals does, with its reason, until the way that is returned is called.
 *
 * Not by `AbortSignal.any`: of signals that last as long as the process, Node 20 keeps something of each that was made of them
 * for good, and all of one to which somebody still listens.
 */
export function followSignals(controller: AbortController, signals: readonly AbortSignal[]): () => void {
  const ends = signals.map((signal) => {
    const follow = (): void => controller.abort(signal.reason);
    if (signal.aborted) follow();
    // Many may follow it at once.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', follow, { once: true });
    return () => signal.removeEventListener('abort', follow);
  });
  return () => {
    for (const end of ends) end();
  };
}

interface Deadline {
  readonly signal: AbortSignal;
  /** From now on it is followed no more and has no deadline. */
  readonly release: () => void;
}

function startDeadline(signal: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const letGo = followSignals(controller, [signal]);
  const timer = setTimeout(
    () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    ms,
  );
  timer.unref();
  const release = (): void => {
    clearTimeout(timer);
    letGo();
  };
  controller.signal.addEventListener('abort', release, { once: true });
  if (controller.signal.aborted) release();
  return { signal: controller.signal, release };
}

/**
 * A signal that aborts with `signal`, or after `ms` with a `TimeoutError`.
 *
 * Not by `AbortSignal.any` and `AbortSignal.timeout`: Node 20 lets the garbage collector take a timeout that is only part of
 * another signal, and the deadline never comes. Its timer is kept until then: `underDeadline` is for what is often over long
 * before.
 */
export function withDeadline(signal: AbortSignal, ms: number): AbortSignal {
  return startDeadline(signal, ms).signal;
}

/** Runs under such a signal and lets go of it at the end; resolves and rejects as `run` does. */
export async function underDeadline<Value>(
  signal: AbortSignal,
  ms: number,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const deadline = startDeadline(signal, ms);
  try {
    return await run(deadline.signal);
  } finally {
    deadline.release();
  }
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
