import { type HostId, redisNames } from '@golem-provider/contracts';
import type { Redis } from 'ioredis';

/** The lease under which a worker wrote is not its own any more: nothing was written, and it must not act on its host. */
export class LeaseLost extends Error {
  constructor(reason: string) {
    super(`the lease of the worker is lost: ${reason}`);
    this.name = 'LeaseLost';
  }
}

/** What ties writes to the lease of one worker: Redis refuses them as soon as the lease is not this one. */
export interface Fence {
  readonly holder: string;
  /** The fencing number of the lease. */
  readonly token: number;
  /** @throws LeaseLost when it is known already that the lease has run out; Redis is not asked. */
  throwIfLost(): void;
  /** Told when Redis refused a write. */
  onRefused(): void;
}

const REFUSAL = 'LEASELOST';

/**
 * Stands before a script and ends it where the lease is not the caller's. KEYS, last: the lease. ARGV, last two: holder and
 * token.
 */
const FENCE = `
do
  local held = redis.call('HMGET', KEYS[#KEYS], 'holder', 'token')
  if held[1] ~= ARGV[#ARGV - 1] or held[2] ~= ARGV[#ARGV] then
    return redis.error_reply('${REFUSAL} held by ' .. tostring(held[1] or 'nobody'))
  end
end
`;

/** Runs one of the scripts. Without a fence as it is, with one only while the lease holds. */
export type ScriptRunner = (script: string, keys: readonly string[], values: readonly string[]) => Promise<unknown>;

/** The runner over a connection. It rejects with `LeaseLost` where the fence refuses, otherwise with the errors of Redis. */
export function createScriptRunner(redis: Redis, hostId: HostId, fence: Fence | undefined): ScriptRunner {
  if (fence === undefined) return (script, keys, values) => redis.eval(script, keys.length, ...keys, ...values);
  const lease = redisNames(hostId).workerLease;
  return async (script, keys, values) => {
    fence.throwIfLost();
    try {
      const proof = [fence.holder, String(fence.token)];
      return await redis.eval(FENCE + script, keys.length + 1, ...keys, lease, ...values, ...proof);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes(REFUSAL)) throw error;
      fence.onRefused();
      throw new LeaseLost(error.message);
    }
  };
}
