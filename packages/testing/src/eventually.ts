import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `check` returns without throwing and gives back its value. Rejects with the last error once `timeoutMs` has
 * passed: the deadline is there to end a test that has failed, not to decide one.
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  timeoutMs = 15_000,
  intervalMs = 25,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await delay(intervalMs);
    }
  }
}
