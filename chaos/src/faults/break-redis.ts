import type { Fault } from './fault.ts';

type RedisFault = 'Redis slow' | 'Redis readonly' | 'Redis out of memory';

const SLOW_MS = 8000;
const REFUSING_MS = 3000;
/** For each message and direction. */
const DELAY_MS = 150;

/** What Redis does wrong while it is there. */
export const REDIS_FAULTS: Readonly<Record<RedisFault, Fault>> = {
  'Redis slow': {
    mayFail: false,
    holdMs: SLOW_MS,
    begin({ bed }) {
      bed.redis.delayBy(DELAY_MS);
      return Promise.resolve(() => bed.redis.delayBy(0));
    },
  },
  'Redis readonly': {
    mayFail: false,
    holdMs: REFUSING_MS,
    async begin({ bed: { redis } }) {
      // A replica of nobody: it answers with what it has, and takes nothing.
      await redis.client.replicaof('127.0.0.1', 1);
      return () => redis.client.replicaof('NO', 'ONE');
    },
  },
  'Redis out of memory': {
    mayFail: false,
    holdMs: REFUSING_MS,
    async begin({ bed: { redis } }) {
      await redis.client.config('SET', 'maxmemory', '1mb');
      return () => redis.client.config('SET', 'maxmemory', '0');
    },
  },
};
