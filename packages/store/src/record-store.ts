import {
  type HostId,
  isFinished,
  Operation,
  OPERATION_RETENTION_MS,
  OperationId,
  type ProviderEvent,
  redisNames,
  Reservation,
  toTimestamp,
  VmId,
  VmRecord,
} from '@golem-provider/contracts';
import { AppError, type Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { operationEvent, vmEvent } from './events.ts';
import { createScriptRunner, type Fence, LeaseLost } from './fence.ts';
import { MAX_EVENTS, parseOperation, parseStored, parseVm } from './records.ts';
import { COMMIT, FORGET, MOVE_PORT, RELEASE, SET_BUSY_PORTS } from './scripts.ts';

/** How often a change is tried on a record that others change at the same time. */
const MAX_CONFLICTS = 20;
/** How long the id of a deleted VM stays taken; ids carry the second, so this outlives every candidate. */
const TOMBSTONE_MS = 60 * 60 * 1000;

/** A change of one record: the new form, or undefined to leave it. Pure, as it is called again after a conflict. */
export type Change<Item> = (item: Item) => Item | undefined;

/** What to change together; a record that is missing is skipped. */
export interface Update {
  readonly vm?: { readonly id: VmId; readonly change: Change<VmRecord> };
  readonly operation?: { readonly id: OperationId; readonly change: Change<Operation> };
  /** A new operation, written with the change and only if `vm` was changed. */
  readonly accept?: (vm: VmRecord) => Operation;
}

/** What there is after an update; undefined for what is missing. */
export interface Updated {
  readonly vm: VmRecord | undefined;
  readonly operation: Operation | undefined;
}

/**
 * The records of one host. Every change is a compare-and-set on the revision: two writers never overwrite each other.
 * `updated_at` and `revision` are set here, events are written in the same step. Errors: AppError `STORE_UNAVAILABLE`.
 */
export interface RecordStore {
  getVm(id: VmId): Promise<VmRecord | undefined>;
  /** All VMs, oldest first. */
  listVms(): Promise<VmRecord[]>;
  getOperation(id: OperationId): Promise<Operation | undefined>;
  /** Operations that have not ended, oldest first. */
  listPendingOperations(): Promise<Operation[]>;
  update(update: Update): Promise<Updated>;
  /** What each VM holds. */
  listReservations(): Promise<ReadonlyMap<VmId, Reservation>>;
  /** Gives back the place, the resources and the port of a VM; harmless when it holds nothing. */
  release(id: VmId): Promise<void>;
  /** Gives back what the VM holds and removes its record. Refused (false) when the record has changed meanwhile. */
  forget(vm: VmRecord): Promise<boolean>;
  /**
   * Gives a VM another port, because another program has taken `port`, and records it.
   *
   * @throws AppError `PORTS_EXHAUSTED`
   */
  movePort(id: VmId, port: number, range: { readonly start: number; readonly end: number }): Promise<number>;
  /** The ports of the range that other programs hold, as last recorded. */
  listBusyPorts(): Promise<ReadonlySet<number>>;
  /** Replaces the set of ports that other programs hold. */
  setBusyPorts(ports: readonly number[]): Promise<void>;
}

interface Write {
  readonly key: string;
  readonly expected: number;
  readonly item: VmRecord | Operation;
  readonly pending?:
    { readonly id: OperationId; readonly score: number } | { readonly id: OperationId; readonly done: true };
}

/** Wraps a failure of Redis with what was being done; our own errors pass as they are. */
export async function guardStore<Result>(doing: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof AppError || cause instanceof LeaseLost) throw cause;
    throw new AppError('STORE_UNAVAILABLE', doing, { cause, retryAfterSeconds: 5 });
  }
}

function stamp<Item extends VmRecord | Operation>(item: Item, before: Item | undefined, now: string): Item {
  return { ...item, updated_at: now, revision: (before?.revision ?? 0) + 1 };
}

function operationWrite(key: string, before: Operation | undefined, after: Operation): Write {
  const pending = isFinished(after.status)
    ? ({ id: after.id, done: true } as const)
    : { id: after.id, score: Date.parse(after.created_at) };
  return { key, expected: before?.revision ?? 0, item: after, pending };
}

/** The record store over a Redis connection; with a fence every write needs the lease, and rejects with `LeaseLost` without. */
export function createRecordStore(redis: Redis, hostId: HostId, clock: Clock, fence?: Fence): RecordStore {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);

  const readVm = async (id: VmId): Promise<VmRecord | undefined> =>
    parseVm(await redis.hget(names.vm(id), 'json'), names);
  const readOperation = async (id: OperationId): Promise<Operation | undefined> =>
    parseOperation(await redis.hget(names.operation(id), 'json'), names);

  /** Reads many records in one round trip; those that are gone are left out. */
  const readMany = async (keys: readonly string[]): Promise<string[]> => {
    if (keys.length === 0) return [];
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.hget(key, 'json');
    const replies = (await pipeline.exec()) ?? [];
    return replies.flatMap(([error, reply]) => {
      if (error !== null) throw error;
      return typeof reply === 'string' ? [reply] : [];
    });
  };

  const commit = async (writes: readonly Write[], events: readonly (ProviderEvent | undefined)[]): Promise<boolean> => {
    const input = {
      writes: writes.map(({ expected, item, pending }) => ({
        expected,
        json: JSON.stringify(item),
        ...(pending !== undefined && { pending }),
        ...(pending !== undefined && 'done' in pending && { ttl_ms: OPERATION_RETENTION_MS }),
      })),
      events: events.flatMap((event) => (event === undefined ? [] : [JSON.stringify(event)])),
      max_events: MAX_EVENTS,
    };
    const keys = [names.events, names.pendingOperations, ...writes.map(({ key }) => key)];
    return (await run(COMMIT, keys, [JSON.stringify(input)])) === 0;
  };

  /** One try; undefined when a record changed between reading and writing. */
  const tryUpdate = async ({ vm, operation, accept }: Update): Promise<Updated | undefined> => {
    const now = toTimestamp(clock.now());
    const vmBefore = vm && (await readVm(vm.id));
    const operationBefore = operation && (await readOperation(operation.id));
    const vmChanged = vmBefore && vm.change(vmBefore);
    const operationChanged = operationBefore && operation.change(operationBefore);
    const writes: Write[] = [];
    const events: (ProviderEvent | undefined)[] = [];
    let vmAfter = vmBefore;
    let operationAfter = operationBefore;
    if (vmChanged !== undefined && vmBefore !== undefined) {
      vmAfter = stamp(vmChanged, vmBefore, now);
      writes.push({ key: names.vm(vmAfter.id), expected: vmBefore.revision, item: vmAfter });
      events.push(vmEvent(vmBefore, vmAfter));
      if (accept !== undefined) {
        operationAfter = stamp(accept(vmAfter), undefined, now);
        writes.push(operationWrite(names.operation(operationAfter.id), undefined, operationAfter));
        events.push(operationEvent(undefined, operationAfter));
      }
    }
    if (operationChanged !== undefined && operationBefore !== undefined) {
      operationAfter = stamp(operationChanged, operationBefore, now);
      writes.push(operationWrite(names.operation(operationAfter.id), operationBefore, operationAfter));
      events.push(operationEvent(operationBefore, operationAfter));
    }
    if (writes.length > 0 && !(await commit(writes, events))) return undefined;
    return { vm: vmAfter, operation: operationAfter };
  };

  const update = async (wanted: Update): Promise<Updated> => {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt += 1) {
      const result = await tryUpdate(wanted);
      if (result !== undefined) return result;
    }
    throw new AppError(
      'STORE_UNAVAILABLE',
      `changing ${wanted.vm?.id ?? wanted.operation?.id ?? 'nothing'}: others kept changing it`,
    );
  };

  const release = async (id: VmId): Promise<void> => {
    await run(RELEASE, [names.reservations, names.ports, names.releasedPorts], [id, String(clock.now())]);
  };

  return {
    getVm: (id) => guardStore(`reading VM ${id}`, () => readVm(id)),
    getOperation: (id) => guardStore(`reading operation ${id}`, () => readOperation(id)),
    listVms: () =>
      guardStore('listing VMs', async () => {
        const ids = (await redis.zrange(names.vms, '0', '-1')).map((id) => VmId.parse(id));
        const jsons = await readMany(ids.map((id) => names.vm(id)));
        return jsons.map((json) => parseStored(VmRecord, json, names.vms));
      }),
    listPendingOperations: () =>
      guardStore('listing operations', async () => {
        const ids = (await redis.zrange(names.pendingOperations, '0', '-1')).map((id) => OperationId.parse(id));
        const jsons = await readMany(ids.map((id) => names.operation(id)));
        return jsons.map((json) => parseStored(Operation, json, names.pendingOperations));
      }),
    update: (wanted) => guardStore('changing records', () => update(wanted)),
    listReservations: () =>
      guardStore('listing reservations', async () => {
        const entries = Object.entries(await redis.hgetall(names.reservations));
        return new Map(
          entries.map(([id, json]) => [VmId.parse(id), parseStored(Reservation, json, names.reservations)]),
        );
      }),
    release: (id) => guardStore(`releasing what ${id} holds`, () => release(id)),
    forget: (vm) =>
      guardStore(`forgetting ${vm.id}`, async () => {
        await release(vm.id);
        const event = vmEvent(vm, { ...vm, status: 'deleted', error: null, updated_at: toTimestamp(clock.now()) });
        const keys = [names.vm(vm.id), names.vmTombstone(vm.id), names.vms, names.events];
        const values = [vm.id, String(vm.revision), String(TOMBSTONE_MS), JSON.stringify(event), String(MAX_EVENTS)];
        return (await run(FORGET, keys, values)) === 0;
      }),
    movePort: (id, port, range) =>
      guardStore(`moving ${id} from port ${port}`, async () => {
        const keys = [names.reservations, names.ports, names.releasedPorts, names.busyPorts];
        const moved = await run(MOVE_PORT, keys, [id, String(port), String(range.start), String(range.end)]);
        if (moved === 0) throw new AppError('PORTS_EXHAUSTED', `moving ${id} from the busy port ${port}`);
        // -1: an earlier try moved it and ended before the record was written; the reservation says where.
        const reservation = await redis.hget(names.reservations, id);
        if (reservation === null) throw new AppError('INTERNAL', `moving ${id} from port ${port}: it holds none`);
        const { port: next } = parseStored(Reservation, reservation, names.reservations);
        await update({ vm: { id, change: (vm) => ({ ...vm, proxy_port: next }) } });
        return next;
      }),
    listBusyPorts: () =>
      guardStore('listing busy ports', async () => new Set((await redis.smembers(names.busyPorts)).map(Number))),
    setBusyPorts: (ports) =>
      guardStore('recording busy ports', async () => {
        await run(SET_BUSY_PORTS, [names.busyPorts], [JSON.stringify(ports)]);
      }),
  };
}
