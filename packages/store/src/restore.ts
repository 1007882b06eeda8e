import { randomBytes } from 'node:crypto';
import {
  type HostId,
  isFinished,
  type Operation,
  redisNames,
  reservationOf,
  toTimestamp,
  type VmId,
  VmRecord,
} from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { vmEvent } from './events.ts';
import { createScriptRunner, type Fence } from './fence.ts';
import { guardStore } from './record-store.ts';
import { MAX_EVENTS, parseStored } from './records.ts';
import { RESTORE, SET_ASIDE } from './restore-script.ts';

/** What there is to put back: a record as it was last known, and its operations that had not ended. */
export interface Restorable {
  readonly vm: VmRecord;
  readonly operations: readonly Operation[];
}

/**
 * What came of it. `restored`: there was no record, or an older one (`foundRevision` 0 or its revision); `port` is what the VM
 * has now. `kept`: the record is as new. `deleted`: the VM was deleted a short while ago. `no_port`: nothing was changed, as
 * another VM holds the port and no other is free.
 */
export type RestoreResult =
  | { readonly outcome: 'restored'; readonly foundRevision: number; readonly port: number | null }
  | { readonly outcome: 'kept' | 'deleted' | 'no_port'; readonly foundRevision: number };

/** Puts records back that Redis has lost. */
export interface RecordRestorer {
  /** One step for each VM: record, place in the lists, reservation, port and operations, or nothing. */
  restore(what: Restorable): Promise<RestoreResult>;
  /**
   * Moves a record that cannot be read out of the way, where it is kept for a month, so that it counts as lost. False where there
   * is none, or one that can be read.
   */
  setAsideUnreadable(id: VmId): Promise<boolean>;
}

const UNREADABLE_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

const Reply = z.union([
  z.object({ outcome: z.literal('restored'), revision: z.int(), port: z.int().optional() }),
  z.object({ outcome: z.enum(['kept', 'deleted', 'no_port']), revision: z.int() }),
]);

function isReadable(json: string): boolean {
  try {
    return VmRecord.safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}

/** The restorer over a connection; another port than a VM's own is taken from `portRange`. */
export function createRecordRestorer(
  redis: Redis,
  hostId: HostId,
  portRange: { readonly start: number; readonly end: number },
  clock: Clock,
  fence: Fence,
): RecordRestorer {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);
  return {
    restore: ({ vm, operations }) =>
      guardStore(`restoring ${vm.id}`, async () => {
        const portToken = `port${randomBytes(16).toString('hex')}`;
        const unfinished = operations.filter(({ status }) => !isFinished(status));
        const after = { ...vm, updated_at: toTimestamp(clock.now()), revision: vm.revision + 1 };
        const holds = reservationOf(vm);
        const input = {
          id: vm.id,
          revision: vm.revision,
          vm_json: JSON.stringify(vm.proxy_port === null ? after : { ...after, proxy_port: portToken }),
          holds: holds === undefined ? false : JSON.stringify({ ...holds, port: portToken }),
          port_token: portToken,
          ...(vm.proxy_port !== null && { port: vm.proxy_port }),
          created_ms: Date.parse(vm.created_at),
          now_ms: clock.now(),
          operations: unfinished.map((operation) => ({
            id: operation.id,
            revision: operation.revision,
            json: JSON.stringify(operation),
            created_ms: Date.parse(operation.created_at),
          })),
          event: JSON.stringify(vmEvent(undefined, after)),
          max_events: MAX_EVENTS,
          port_start: portRange.start,
          port_end: portRange.end,
        };
        const keys = [
          names.vm(vm.id),
          names.vmTombstone(vm.id),
          names.vms,
          names.reservations,
          names.ports,
          names.releasedPorts,
          names.busyPorts,
          names.events,
          names.pendingOperations,
          names.storeIdentity,
          ...unfinished.map(({ id }) => names.operation(id)),
        ];
        const text = z.string().parse(await run(RESTORE, keys, [JSON.stringify(input)]));
        const reply = parseStored(Reply, text, `the outcome of restoring ${vm.id}`);
        return reply.outcome === 'restored'
          ? { outcome: reply.outcome, foundRevision: reply.revision, port: reply.port ?? null }
          : { outcome: reply.outcome, foundRevision: reply.revision };
      }),
    setAsideUnreadable: (id) =>
      guardStore(`reading ${id}`, async () => {
        const json = await redis.hget(names.vm(id), 'json');
        if (json === null || isReadable(json)) return false;
        const keys = [names.vm(id), names.vmUnreadable(id)];
        return (await run(SET_ASIDE, keys, [json, String(UNREADABLE_KEPT_MS)])) === 1;
      }),
  };
}
