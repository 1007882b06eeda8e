import type { Redis } from 'ioredis';

/** Everything that is in Redis, to be put back later as from an old snapshot. */
export async function takeSnapshot(redis: Redis): Promise<() => Promise<void>> {
  const entries = await Promise.all(
    (await redis.keys('*')).map(async (key) => ({
      key,
      ttl: Math.max(0, await redis.pttl(key)),
      value: await redis.dumpBuffer(key),
    })),
  );
  return async () => {
    const transaction = redis.multi().flushall();
    for (const { key, ttl, value } of entries) transaction.restore(key, ttl, value);
    await transaction.exec();
  };
}
