import { createHash } from 'node:crypto';
import { CreatedVm, CreationAccepted, type CreateVmRequest } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { BoundCreation, IdempotencyKey, IdempotencyStore } from '@golem-provider/store';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';

const Headers = z.record(z.string(), z.string());
const CreationAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal(201), headers: Headers, body: CreatedVm }),
  z.object({ status: z.literal(202), headers: Headers, body: CreationAccepted }),
]);
/** An answer to a creation that is no error. */
export type CreationAnswer = z.infer<typeof CreationAnswer>;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON in which equal values have equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Whose an idempotency key is: nobody can come to the answers of another one by using the same key. */
function scopeOf({ principal, client }: Pick<Caller, 'principal' | 'client'>): string {
  switch (principal.kind) {
    case 'operator':
      return 'operator';
    case 'owner':
      return `owner ${principal.owner}`;
    case 'creator':
      return `creator ${principal.key}`;
    case 'anonymous':
      return `client ${client}`;
  }
}

/** The key of a request as it is kept. */
export function idempotencyKeyOf(
  key: string,
  caller: Pick<Caller, 'principal' | 'client'>,
  request: CreateVmRequest,
): IdempotencyKey {
  return { digest: sha256(JSON.stringify([scopeOf(caller), key])), fingerprint: sha256(canonicalJson(request)) };
}

/** What a creation is answered with when it comes again. */
export interface CreationReplay {
  /** What the key is bound to, and the first answer where there is one; undefined where the key is new. */
  find(key: IdempotencyKey): Promise<{ bound: BoundCreation; answer: CreationAnswer | undefined } | undefined>;
  /** Keeps an answer as the first one unless there is one; gives back what is to be answered. */
  keep(key: IdempotencyKey, answer: CreationAnswer): Promise<CreationAnswer>;
}

/** Answers over the store. They hold no token of an owner, as none may be kept. */
export function createCreationReplay(store: IdempotencyStore, logger: Logger): CreationReplay {
  return {
    async find(key) {
      const bound = await store.find(key);
      if (bound === undefined) return undefined;
      return { bound, answer: bound.answer === undefined ? undefined : CreationAnswer.parse(JSON.parse(bound.answer)) };
    },
    async keep(key, answer) {
      try {
        return CreationAnswer.parse(JSON.parse(await store.keepAnswer(key, JSON.stringify(answer))));
      } catch (err) {
        // The VM is there. An answer that cannot be kept is still the answer; the next one is made from the records.
        logger.warn({ err }, 'the answer of a creation could not be kept');
        return answer;
      }
    },
  };
}
