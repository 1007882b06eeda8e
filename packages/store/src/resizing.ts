import { randomUUID } from 'node:crypto';
import {
  type ErrorCode,
  type HostId,
  newOperation,
  type Operation,
  OperationId,
  redisNames,
  sizeOf,
  ThresholdBreach,
  toTimestamp,
  type VmId,
  type VmRecord,
  type VmSpec,
} from '@golem-provider/contracts';
import { AppError, type Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { DIMENSION_WORDS, explainRefusal, RETRY_AFTER_SECONDS } from './admission.ts';
import { operationEvent, vmEvent } from './events.ts';
import { guardStore } from './record-store.ts';
import { MAX_EVENTS, parseStored, parseVm } from './records.ts';
import { ADMIT_RESIZE, SETTLE_RESIZE } from './resize-scripts.ts';

/** How often the end of a resize is written anew because others changed the record. */
const MAX_CONFLICTS = 20;

/** Changes of what a VM holds. */
export interface Resizing {
  /**
   * Accepts a resize of a VM in one step: what it needs in addition is free and reserved, the record holds the wish, and the
   * operation is written. Resolves with undefined when the record is no longer what `vm` says: look again.
   *
   * @throws AppError with the reason, nothing having been changed: `RESOURCES_EXHAUSTED`, `THRESHOLD_EXCEEDED`,
   *   `SAMPLES_STALE` (these where it grows), `WORKER_UNAVAILABLE`, `HYPERVISOR_UNAVAILABLE`.
   */
  admit(vm: VmRecord, target: VmSpec, requestId: string | null): Promise<Operation | undefined>;
  /** The machine has `spec`: from now on so do the record and the reservation, and no resize is under way. */
  settle(id: VmId, spec: VmSpec): Promise<void>;
}

const Verdict = z.union([
  z.discriminatedUnion('refused', [
    z.object({ refused: z.literal('THRESHOLD_EXCEEDED'), breaches: z.array(ThresholdBreach) }),
    z.object({
      refused: z.literal('RESOURCES_EXHAUSTED'),
      dimension: z.enum(['cpu_cores', 'memory_gb', 'storage_gb']),
      available: z.number(),
      wanted: z.number(),
    }),
    z.object({ refused: z.literal('HYPERVISOR_UNAVAILABLE'), reason: z.string().optional() }),
    z.object({ refused: z.enum(['WORKER_UNAVAILABLE', 'SAMPLES_STALE']) }),
  ]),
  z.object({ outcome: z.enum(['accepted', 'changed', 'unreserved']) }),
]);
type Refusal = Extract<z.infer<typeof Verdict>, { refused: string }>;

function explain(refusal: Refusal): { code: ErrorCode; detail: string } {
  if (refusal.refused !== 'RESOURCES_EXHAUSTED') return explainRefusal(refusal);
  const { dimension, wanted, available } = refusal;
  const words = DIMENSION_WORDS[dimension];
  return { code: refusal.refused, detail: `${wanted} more ${words} were asked for, ${available} are free.` };
}

/** Resizing over a Redis connection. */
export function createResizing(redis: Redis, hostId: HostId, clock: Clock): Resizing {
  const names = redisNames(hostId);

  const admit: Resizing['admit'] = async (vm, target, requestId) => {
    const doing = `resizing ${vm.id}`;
    const createdMs = clock.now();
    const now = toTimestamp(createdMs);
    const generation = vm.generation + 1;
    const after: VmRecord = {
      ...vm,
      resize: { target, state: 'wanted' },
      generation,
      updated_at: now,
      revision: vm.revision + 1,
    };
    const id = OperationId.parse(`op-${randomUUID()}`);
    const identity = { id, host_id: hostId, vm_id: vm.id, kind: 'resize', generation, request_id: requestId } as const;
    const operation = newOperation(identity, now);
    const events = [vmEvent(vm, after), operationEvent(undefined, operation)];
    const input = {
      id: vm.id,
      target,
      expected: vm.revision,
      vm_json: JSON.stringify(after),
      operation_json: JSON.stringify(operation),
      events: events.flatMap((event) => (event === undefined ? [] : [JSON.stringify(event)])),
      operation_id: id,
      created_ms: createdMs,
      max_events: MAX_EVENTS,
    };
    const keys = [
      names.events,
      names.pendingOperations,
      names.reservations,
      names.report('monitor'),
      names.reportFresh('monitor'),
      names.report('worker'),
      names.reportFresh('worker'),
      names.vm(vm.id),
      names.operation(id),
    ];
    const reply = await redis.eval(ADMIT_RESIZE, keys.length, ...keys, JSON.stringify(input));
    const verdict = parseStored(Verdict, z.string().parse(reply), 'the verdict on a resize');
    if ('refused' in verdict) {
      const { code, detail } = explain(verdict);
      const options = { publicDetail: detail, retryAfterSeconds: RETRY_AFTER_SECONDS };
      throw new AppError(code, `${doing}: ${detail}`, options);
    }
    switch (verdict.outcome) {
      case 'accepted':
        return operation;
      case 'changed':
        return undefined;
      case 'unreserved':
        throw new AppError('INTERNAL', `${doing}: it holds nothing`);
    }
  };

  const trySettle = async (id: VmId, spec: VmSpec): Promise<boolean> => {
    const vm = parseVm(await redis.hget(names.vm(id), 'json'), names);
    if (vm === undefined) return true;
    const after: VmRecord = {
      ...vm,
      spec,
      size: sizeOf(spec),
      resize: null,
      updated_at: toTimestamp(clock.now()),
      revision: vm.revision + 1,
    };
    const input = { id, spec, expected: vm.revision, vm_json: JSON.stringify(after) };
    const keys = [names.vm(id), names.reservations];
    return (await redis.eval(SETTLE_RESIZE, keys.length, ...keys, JSON.stringify(input))) === 0;
  };

  return {
    admit: (vm, target, requestId) => guardStore(`resizing ${vm.id}`, () => admit(vm, target, requestId)),
    settle: (id, spec) =>
      guardStore(`settling the size of ${id}`, async () => {
        for (let attempt = 0; attempt < MAX_CONFLICTS; attempt += 1) if (await trySettle(id, spec)) return;
        throw new AppError('STORE_UNAVAILABLE', `settling the size of ${id}: others kept changing it`);
      }),
  };
}
