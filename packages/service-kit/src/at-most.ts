/**
 * Runs something for each item, at most so many at once, in their order. After the first that fails, or once the signal has
 * aborted, no more are begun; what is under way is waited for. Rejects with that failure, or with the signal's reason.
 */
export async function eachAtMost<Item>(
  limit: number,
  items: Iterable<Item>,
  run: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const line = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      if (failures.length > 0) return;
      try {
        signal?.throwIfAborted();
        await run(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, line));
  if (failures.length > 0) throw failures[0];
}
