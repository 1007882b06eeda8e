import { randomBytes, randomUUID } from 'node:crypto';
import {
  type HostId,
  type ImageName,
  makeVmId,
  newOperation,
  OPERATION_RETENTION_MS,
  OperationId,
  type OwnerId,
  redisNames,
  type SshPublicKey,
  toTimestamp,
  VmId,
  vmIdCandidates,
  type VmName,
  type VmRecord,
  type VmSize,
  type VmSpec,
} from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { operationEvent, vmEvent } from './events.ts';
import { checkFingerprint, IDEMPOTENCY_RETENTION_MS, type IdempotencyKey } from './idempotency.ts';
import { guardStore } from './record-store.ts';
import { MAX_EVENTS, parseStored } from './records.ts';
import { Refusal, refusalError } from './refusal.ts';
import { ADMIT } from './scripts.ts';

/** How many seconds ahead an id may lie when others took the seconds before. */
const ID_CANDIDATES = 600;

/** A VM that somebody asks for. */
export interface AdmissionRequest {
  readonly name: VmName;
  readonly spec: VmSpec;
  readonly size: VmSize | null;
  readonly image: ImageName;
  /** Null: the worker makes a key pair. */
  readonly sshKey: SshPublicKey | null;
  readonly streamId: string | number | null;
  readonly requestId: string | null;
  /** Who will own the VM, by the operation that creates it; left out: the operator alone. */
  readonly ownerBy?: (operation: OperationId) => OwnerId | null;
  /** Makes the same request with the same key come to the same VM, whatever happens in between. */
  readonly idempotency?: IdempotencyKey | undefined;
}

/** What an operator allows. */
export interface AdmissionLimits {
  readonly maxVms: number;
  readonly portRange: { readonly start: number; readonly end: number };
}

/** An accepted VM: its record and its operation are written, what it needs is reserved. */
export interface Admitted {
  readonly vmId: VmId;
  readonly operationId: OperationId;
  /** Null where the idempotency key had been used: this is the VM of that request, and nothing was reserved now. */
  readonly port: number | null;
}

/** Accepts new VMs or says why not. */
export interface Admission {
  /**
   * Checks and reserves in one step.
   *
   * @throws AppError with the reason, nothing having been changed: `RESOURCES_EXHAUSTED`, `THRESHOLD_EXCEEDED`,
   *   `MAX_VMS_REACHED`, `PORTS_EXHAUSTED`, `WORKER_UNAVAILABLE`, `HYPERVISOR_UNAVAILABLE`, `SAMPLES_STALE`, `DRAINING`,
   *   `IDEMPOTENCY_KEY_REUSED`.
   */
  admit(request: AdmissionRequest): Promise<Admitted>;
}

const Verdict = z.union([
  z.object({ id: VmId, port: z.int() }),
  z.object({ bound: z.object({ fingerprint: z.string(), operation_id: OperationId, vm_id: VmId }) }),
  Refusal,
]);

/** Admission over a Redis connection. */
export function createAdmission(redis: Redis, hostId: HostId, limits: AdmissionLimits, clock: Clock): Admission {
  const names = redisNames(hostId);

  const admit = async (request: AdmissionRequest): Promise<Admitted> => {
    const { idempotency } = request;
    const createdMs = clock.now();
    const now = toTimestamp(createdMs);
    const idToken = `id${randomBytes(16).toString('hex')}`;
    const portToken = `port${randomBytes(16).toString('hex')}`;
    const operationId = OperationId.parse(`op-${randomUUID()}`);
    const id = makeVmId(request.name, createdMs);
    const vm: VmRecord = {
      id,
      host_id: hostId,
      owner: request.ownerBy?.(operationId) ?? null,
      name: request.name,
      spec: request.spec,
      size: request.size,
      image: request.image,
      desired: 'running',
      resize: null,
      generation: 1,
      status: 'creating',
      ip_address: null,
      ssh_target: null,
      proxy_port: limits.portRange.start,
      released: false,
      keys: {
        origin: request.sshKey === null ? 'provider' : 'requestor',
        public_key: request.sshKey,
        sealed_private_key: null,
        host_public_key: null,
        sealed_host_private_key: null,
        management_public_key: null,
        sealed_management_private_key: null,
      },
      ssh_keys: [],
      stream_id: request.streamId,
      error: null,
      created_at: now,
      updated_at: now,
      revision: 1,
    };
    const operation = newOperation(
      {
        id: operationId,
        host_id: hostId,
        vm_id: id,
        owner: vm.owner,
        kind: 'create',
        generation: 1,
        request_id: request.requestId,
      },
      now,
    );
    const events = [vmEvent(undefined, vm), operationEvent(undefined, operation)];
    const input = {
      spec: request.spec,
      max_vms: limits.maxVms,
      port_start: limits.portRange.start,
      port_end: limits.portRange.end,
      vm_prefix: names.vm(id).slice(0, -id.length),
      tombstone_prefix: names.vmTombstone(id).slice(0, -id.length),
      candidates: vmIdCandidates(request.name, createdMs, ID_CANDIDATES),
      vm_json: JSON.stringify({ ...vm, id: idToken, proxy_port: portToken }),
      operation_json: JSON.stringify({ ...operation, vm_id: idToken }),
      events: events.flatMap((event) => (event === undefined ? [] : [JSON.stringify({ ...event, vm_id: idToken })])),
      operation_id: operationId,
      created_ms: createdMs,
      oldest_ms: createdMs - OPERATION_RETENTION_MS,
      max_events: MAX_EVENTS,
      id_token: idToken,
      port_token: portToken,
      ...(idempotency && { idempotency: { fingerprint: idempotency.fingerprint, ttl_ms: IDEMPOTENCY_RETENTION_MS } }),
    };
    const keys = [
      names.events,
      names.pendingOperations,
      names.vms,
      names.reservations,
      names.ports,
      names.releasedPorts,
      names.busyPorts,
      names.report('monitor'),
      names.reportFresh('monitor'),
      names.report('worker'),
      names.reportFresh('worker'),
      names.operation(operationId),
      names.drain,
      names.recentOperations,
      ...(idempotency === undefined ? [] : [names.idempotencyKey(idempotency.digest)]),
    ];
    const reply = await redis.eval(ADMIT, keys.length, ...keys, JSON.stringify(input));
    const verdict = parseStored(Verdict, z.string().parse(reply), 'the verdict of admission');
    if ('bound' in verdict) {
      const { fingerprint, operation_id, vm_id } = verdict.bound;
      checkFingerprint(idempotency, fingerprint);
      return { vmId: vm_id, operationId: operation_id, port: null };
    }
    if ('refused' in verdict) throw refusalError(verdict, `admitting ${request.name}`);
    return { vmId: verdict.id, operationId, port: verdict.port };
  };

  return { admit: (request) => guardStore(`admitting ${request.name}`, () => admit(request)) };
}
