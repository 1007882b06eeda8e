import { type HostId, OperationId, redisNames, VmId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { guardStore } from './record-store.ts';
import { KEEP_ANSWER } from './scripts.ts';

/** How long a key is bound to its creation: a day. */
export const IDEMPOTENCY_RETENTION_MS = 24 * 60 * 60 * 1000;

/** A requestor's idempotency key as it is kept. */
export interface IdempotencyKey {
  /** Of the key and of whose it is, as everybody has keys of its own. */
  readonly digest: string;
  /** Of what is asked for. */
  readonly fingerprint: string;
}

/** The creation that a key is bound to. */
export interface BoundCreation {
  readonly operationId: OperationId;
  readonly vmId: VmId;
  /** The first answer, as `keepAnswer` was given it; undefined where none was given yet. */
  readonly answer: string | undefined;
}

/** What idempotency keys are bound to. Admission binds them. Errors: AppError `STORE_UNAVAILABLE`. */
export interface IdempotencyStore {
  /**
   * The creation that a key is bound to; undefined where it is not.
   *
   * @throws AppError `IDEMPOTENCY_KEY_REUSED` where it was bound with another fingerprint.
   */
  find(key: IdempotencyKey): Promise<BoundCreation | undefined>;
  /** Keeps an answer unless there is one, and resolves with the one that is kept. */
  keepAnswer(key: IdempotencyKey, answer: string): Promise<string>;
}

/** @throws AppError `IDEMPOTENCY_KEY_REUSED` where a key was bound with another fingerprint than it comes with now. */
export function checkFingerprint(key: IdempotencyKey | undefined, bound: string): void {
  if (key?.fingerprint !== bound) throw new AppError('IDEMPOTENCY_KEY_REUSED', 'looking up an idempotency key');
}

const Fields = z.object({
  fingerprint: z.string(),
  operation_id: OperationId,
  vm_id: VmId,
  answer: z.string().optional(),
});

/** The store over a Redis connection. */
export function createIdempotencyStore(redis: Redis, hostId: HostId): IdempotencyStore {
  const names = redisNames(hostId);
  return {
    find: (key) =>
      guardStore('looking up an idempotency key', async () => {
        const stored = await redis.hgetall(names.idempotencyKey(key.digest));
        if (Object.keys(stored).length === 0) return undefined;
        const { fingerprint, operation_id, vm_id, answer } = Fields.parse(stored);
        checkFingerprint(key, fingerprint);
        return { operationId: operation_id, vmId: vm_id, answer };
      }),
    keepAnswer: (key, answer) =>
      guardStore('keeping an answer', async () => {
        const kept = await redis.eval(KEEP_ANSWER, 1, names.idempotencyKey(key.digest), answer);
        return typeof kept === 'string' ? kept : answer;
      }),
  };
}
