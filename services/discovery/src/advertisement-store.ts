import { DISCOVERY_NAMES } from '@golem-provider/contracts';
import type { Redis } from 'ioredis';
import { KeptAdvertisement } from './advertisement.ts';

/** Keeps advertisements until they expire. Every method rejects when Redis does not answer. */
export interface AdvertisementStore {
  save(advertisement: KeptAdvertisement): Promise<void>;
  /** Undefined where there is none, or none any more. */
  read(providerId: string): Promise<KeptAdvertisement | undefined>;
  /** Those that have not expired at `nowMs`, the one updated last at the end. */
  list(nowMs: number): Promise<KeptAdvertisement[]>;
  /** Whether there was one. */
  remove(providerId: string): Promise<boolean>;
}

function parse(json: string | null): KeptAdvertisement | undefined {
  return json === null ? undefined : KeptAdvertisement.parse(JSON.parse(json));
}

/** The store over a Redis connection. Redis itself lets an advertisement go `expiryMs` after it was saved. */
export function createAdvertisementStore(redis: Redis, expiryMs: number): AdvertisementStore {
  const { advertisement: keyOf, updated } = DISCOVERY_NAMES;
  return {
    async save(advertisement) {
      const id = advertisement.provider_id;
      await redis
        .multi()
        .set(keyOf(id), JSON.stringify(advertisement), 'PX', expiryMs)
        .zadd(updated, Date.parse(`${advertisement.updated_at}Z`), id)
        .exec();
    },
    read: async (id) => parse(await redis.get(keyOf(id))),
    async list(nowMs) {
      await redis.zremrangebyscore(updated, '-inf', nowMs - expiryMs);
      const ids = await redis.zrange(updated, '0', '-1');
      if (ids.length === 0) return [];
      const found = await redis.mget(ids.map(keyOf));
      return found.map(parse).filter((advertisement) => advertisement !== undefined);
    },
    async remove(id) {
      const [removed] = await Promise.all([redis.del(keyOf(id)), redis.zrem(updated, id)]);
      return removed > 0;
    },
  };
}
