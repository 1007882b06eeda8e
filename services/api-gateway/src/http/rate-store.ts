import { inTime, type Logger } from '@golem-provider/service-kit';
import { type ClientRateLimitInfo, MemoryStore, type Options, type Store } from 'express-rate-limit';
import type { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import { z } from 'zod';

/** How long Redis is given to count. */
export interface CountingPatience {
  /** A count that does not come in time is made here. */
  readonly timeoutMs: number;
  /** How long Redis is left alone after it did not count. */
  readonly retryAfterMs: number;
}

/** Counting must not hold up a request. */
const PATIENCE: CountingPatience = { timeoutMs: 1000, retryAfterMs: 5000 };

const Reply = z.union([z.array(z.union([z.number(), z.string()])), z.string(), z.number()]);

/** What counts are kept with. */
export interface RateStoreDeps {
  readonly redis: Redis;
  /** What the keys of this store begin with. */
  readonly prefix: string;
  readonly logger: Logger;
  readonly patience?: CountingPatience | undefined;
}

/**
 * Counts requests in Redis, so that every gateway of a host counts together; while Redis does not answer, in this process:
 * a limit that is counted anew is better than none, and than a service that refuses.
 */
export function createRateStore({ redis, prefix, logger, patience = PATIENCE }: RateStoreDeps): Store {
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
      return await inTime(run(), patience.timeoutMs);
    } catch (err) {
      awayUntil = performance.now() + patience.retryAfterMs;
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
