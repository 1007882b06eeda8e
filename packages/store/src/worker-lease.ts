import { type HostId, redisNames } from '@golem-provider/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { guardStore } from './record-store.ts';
import { parseStored } from './records.ts';
import { ACQUIRE_LEASE, RELEASE_LEASE, RENEW_LEASE } from './lease-scripts.ts';

/** A lease that was given. */
export interface GrantedLease {
  /** Rises with every lease of the host for as long as Redis keeps its data. */
  readonly token: number;
  /** Names the data of this Redis: another name means that everything was lost in between. */
  readonly storeId: string;
  /** Milliseconds since the data of this Redis began, or were last found to be older than they had been. */
  readonly storeAgeMs: number;
}

/** What came of asking for the lease. */
export type LeaseAnswer = { readonly granted: GrantedLease } | { readonly heldBy: string };

/** Who asks for the lease. */
export interface LeaseRequest {
  /** Names one worker process. */
  readonly holder: string;
  readonly ttlMs: number;
  /** A holder of which it is known that its process has ended: its lease need not run out first. */
  readonly deadHolder?: string | undefined;
  /** The token is to be above this one. */
  readonly floor: number;
}

/**
 * `gone`: Redis knows of no lease, as it ran out or all was lost. `taken`: another worker has it. `rolled_back`: Redis holds
 * older data than it has confirmed before.
 */
export type Renewal = 'renewed' | 'gone' | 'taken' | 'rolled_back';

/** The one lease of a host: who holds it is the worker. Errors: AppError `STORE_UNAVAILABLE`. */
export interface WorkerLease {
  acquire(request: LeaseRequest): Promise<LeaseAnswer>;
  /** Prolongs it and leaves the number of this beat. `confirmed` is the last one of which Redis said that it is written. */
  renew(lease: {
    readonly holder: string;
    readonly token: number;
    readonly ttlMs: number;
    readonly beat: number;
    readonly confirmed: number;
  }): Promise<Renewal>;
  /** Gives it back; harmless when it is not the caller's. */
  release(holder: string, token: number): Promise<void>;
}

const Answer = z.union([
  z.object({ held_by: z.string() }),
  z.object({ token: z.int(), store_id: z.string(), store_age_ms: z.number() }),
]);
const RenewalReply = z.enum(['renewed', 'gone', 'taken', 'rolled_back']);

/** The lease over a connection, best one of its own that fails soon: a renewal that waits in line comes too late. */
export function createWorkerLease(redis: Redis, hostId: HostId): WorkerLease {
  const names = redisNames(hostId);
  return {
    acquire: ({ holder, ttlMs, deadHolder, floor }) =>
      guardStore('acquiring the lease of the worker', async () => {
        const keys = [names.workerLease, names.workerLeaseToken, names.storeIdentity];
        const values = [holder, String(ttlMs), deadHolder ?? '', String(floor), crypto.randomUUID()];
        const reply = z.string().parse(await redis.eval(ACQUIRE_LEASE, keys.length, ...keys, ...values));
        const answer = parseStored(Answer, reply, names.workerLease);
        return 'held_by' in answer
          ? { heldBy: answer.held_by }
          : { granted: { token: answer.token, storeId: answer.store_id, storeAgeMs: answer.store_age_ms } };
      }),
    renew: ({ holder, token, ttlMs, beat, confirmed }) =>
      guardStore('renewing the lease of the worker', async () => {
        const keys = [names.workerLease, names.storeIdentity];
        const values = [holder, token, ttlMs, beat, confirmed].map(String);
        return RenewalReply.parse(await redis.eval(RENEW_LEASE, keys.length, ...keys, ...values));
      }),
    release: (holder, token) =>
      guardStore('giving back the lease of the worker', async () => {
        await redis.eval(RELEASE_LEASE, 1, names.workerLease, holder, String(token));
      }),
  };
}
