import { inTime, type Logger } from '@golem-provider/service-kit';
import { type ClientRateLimitInfo, MemoryStore, type Options, type Store } from 'express-rate-limit';
import type { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import { z } from 'zod';

/** Counting must not hold up a request; a count that does not come in time is made here. */
const COUNT_TIMEOUT_MS = 1000;
/** How long Redis is left alone after it did not count. */
const RETRY_AFTER_MS = 5000;

const Reply = z.union([z.array(z.union([z.number(), z.string()])), z.string(), z.number()]);

/** What counts are kept with. */
export interface RateStoreDeps {
  readonly redis: Redis;
  /** What the keys of this store begin with. */
  readonly prefix: string;
  readonly logger: Logger;
}

/**
 * Counts requests in Redis, so that every gateway of a host counts together; while Redis does not answer, in this process:
 * a limit that is counted anew is better than none, and than a service that refuses.
 */
export function createRateStore({ redis, prefix, logger }: RateStoreDeps): Store {
  const memory = new MemoryStore();
  const shared = new RedisStore({
    prefix,
    sendCommand: async (command: string, ...args: string[]) => Reply.parse(await redis.call(command, ...args)),
  });
  let options: Options | undefined;
  let isLoaded = false;
  let awayUntil = -Infinity;

  const count = async (key: string): Promise<ClientRateLimitInfo> => {
    if (!isLoaded && options !== undefined) {
      await shared.init(options);
      isLoaded = true;
    }
    const counted = await shared.increment(key);
    const left = (counted.resetTime?.getTime() ?? 0) - Date.now();
    if (options === undefined || left <= options.windowMs) return counted;
    // The clock of Redis was set back since the count began, which would last as much longer.
    await shared.resetKey(key);
    return shared.increment(key);
  };
  const shareOrNot = async <Result>(run: () => Promise<Result>, fallback: () => Promise<Result>): Promise<Result> => {
    if (performance.now() < awayUntil) return fallback();
    try {
      return await inTime(run(), COUNT_TIMEOUT_MS);
    } catch (err) {
      awayUntil = performance.now() + RETRY_AFTER_MS;
      // What was loaded may be lost with the Redis that held it.
      isLoaded = false;
      logger.warn({ err }, 'requests are counted in this process, as Redis does not count them');
      return fallback();
    }
  };

  return {
    localKeys: false,
    init(given) {
      options = given;
      memory.init(given);
    },
    increment: (key) =>
      shareOrNot(
        () => count(key),
        () => memory.increment(key),
      ),
    decrement: (key) =>
      shareOrNot(
        () => shared.decrement(key),
        () => memory.decrement(key),
      ),
    resetKey: (key) =>
      shareOrNot(
        () => shared.resetKey(key),
        () => memory.resetKey(key),
      ),
    shutdown: () => memory.shutdown(),
  };
}
