import { randomBytes } from 'node:crypto';
import {
  type HostId,
  isFinished,
  NO_RESOURCES,
  Operation,
  OPERATION_RETENTION_MS,
  OperationId,
  reachedPhases,
  redisNames,
  Reservation,
  reservationOf,
  type Resources,
  toTimestamp,
  VmId,
  VmRecord,
} from '@golem-provider/contracts';
import { AppError, type Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { operationEvent, type OwnedEvent, vmEvent } from './events.ts';
import { createScriptRunner, type Fence, LeaseLost } from './fence.ts';
import { MAX_EVENTS, parseOperation, parseStored, parseVm, readMany } from './records.ts';
import { Refusal, refusalError } from './refusal.ts';
import { growthOf, isNothing } from './reservations.ts';
import { COMMIT, FORGET, MOVE_PORT, SET_BUSY_PORTS } from './scripts.ts';

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
  /** A new operation, written with the change and only if `vm` was changed. It belongs to the VM's owner. */
  readonly accept?: (vm: VmRecord) => Operation;
  /** That the change may make the VM hold more than it does: it is then admitted in the same step, or refused. */
  readonly mayGrow?: boolean;
}

/** What there is after an update; undefined for what is missing. */
export interface Updated {
  readonly vm: VmRecord | undefined;
  readonly operation: Operation | undefined;
}

/**
 * The records of one host. Every change is a compare-and-set on the revision: two writers never overwrite each other.
 * `updated_at` and `revision` are set here; events, and what a VM holds by its record, are written in the same step.
 * Errors: AppError `STORE_UNAVAILABLE`.
 */
export interface RecordStore {
  getVm(id: VmId): Promise<VmRecord | undefined>;
  /** All VMs, oldest first. */
  listVms(): Promise<VmRecord[]>;
  getOperation(id: OperationId): Promise<Operation | undefined>;
  /** Operations that have not ended, oldest first. */
  listPendingOperations(): Promise<Operation[]>;
  /**
   * @throws AppError with the reason, nothing having been changed, when a change that `mayGrow` is not admitted; `INTERNAL`
   *   for one that makes a VM hold more and may not.
   */
  update(update: Update): Promise<Updated>;
  /** What each VM holds. */
  listReservations(): Promise<ReadonlyMap<VmId, Reservation>>;
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
  /** Where the item is an operation: what the lists of operations need of it. */
  readonly operation?: { readonly id: OperationId; readonly created_ms: number; readonly is_done: boolean };
  /** What a VM holds from now on; left out where that does not change. */
  readonly holds?: { readonly id: VmId; readonly json: string | false };
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
  const operation = { id: after.id, created_ms: Date.parse(after.created_at), is_done: isFinished(after.status) };
  return { key, expected: before?.revision ?? 0, item: after, operation };
}

function vmWrite(key: string, before: VmRecord, after: VmRecord): Write {
  const write = { key, expected: before.revision, item: after };
  const holds = reservationOf(after);
  if (JSON.stringify(holds) === JSON.stringify(reservationOf(before))) return write;
  return { ...write, holds: { id: after.id, json: holds === undefined ? false : JSON.stringify(holds) } };
}

/** The record store over a Redis connection; with a fence every write needs the lease, and rejects with `LeaseLost` without. */
export function createRecordStore(redis: Redis, hostId: HostId, clock: Clock, fence?: Fence): RecordStore {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);

  const readVm = async (id: VmId): Promise<VmRecord | undefined> =>
    parseVm(await redis.hget(names.vm(id), 'json'), names);
  const readOperation = async (id: OperationId): Promise<Operation | undefined> =>
    parseOperation(await redis.hget(names.operation(id), 'json'), names);

  /** False when a record has changed meanwhile. `more`: what has to be admitted. */
  const commit = async (
    writes: readonly Write[],
    events: readonly (OwnedEvent | undefined)[],
    more: Resources,
  ): Promise<boolean> => {
    const input = {
      writes: writes.map(({ expected, item, operation, holds }) => ({
        expected,
        json: JSON.stringify(item),
        ...(operation !== undefined && { operation }),
        ...(operation?.is_done === true && { ttl_ms: OPERATION_RETENTION_MS }),
        ...(holds !== undefined && { holds }),
      })),
      ...(!isNothing(more) && { more }),
      events: events.flatMap((event) => (event === undefined ? [] : [JSON.stringify(event)])),
      max_events: MAX_EVENTS,
      now_ms: clock.now(),
      oldest_ms: clock.now() - OPERATION_RETENTION_MS,
    };
    const keys = [
      names.events,
      names.pendingOperations,
      names.reservations,
      names.ports,
      names.releasedPorts,
      names.report('monitor'),
      names.reportFresh('monitor'),
      names.report('worker'),
      names.reportFresh('worker'),
      names.recentOperations,
      ...writes.map(({ key }) => key),
    ];
    const reply = await run(COMMIT, keys, [JSON.stringify(input)]);
    if (typeof reply !== 'string') return reply === 0;
    throw refusalError(parseStored(Refusal, reply, 'the verdict of admission'), 'admitting a change', 'growth');
  };

  /** One try; undefined when a record changed between reading and writing. */
  const tryUpdate = async ({ vm, operation, accept, mayGrow }: Update): Promise<Updated | undefined> => {
    const now = toTimestamp(clock.now());
    const vmBefore = vm && (await readVm(vm.id));
    const operationBefore = operation && (await readOperation(operation.id));
    const vmChanged = vmBefore && vm.change(vmBefore);
    const operationChanged = operationBefore && operation.change(operationBefore);
    const writes: Write[] = [];
    const events: (OwnedEvent | undefined)[] = [];
    let vmAfter = vmBefore;
    let operationAfter = operationBefore;
    let more = NO_RESOURCES;
    if (vmChanged !== undefined && vmBefore !== undefined) {
      vmAfter = stamp(vmChanged, vmBefore, now);
      more = growthOf(reservationOf(vmBefore), reservationOf(vmAfter));
      // Whoever adds a change that grows and forgets to ask learns of it here, not by an oversold host.
      if (mayGrow !== true && !isNothing(more))
        throw new AppError('INTERNAL', `making ${vmAfter.id} hold more unasked`);
      writes.push(vmWrite(names.vm(vmAfter.id), vmBefore, vmAfter));
      events.push(vmEvent(vmBefore, vmAfter));
      if (accept !== undefined) {
        operationAfter = stamp({ ...accept(vmAfter), owner: vmAfter.owner }, undefined, now);
        writes.push(operationWrite(names.operation(operationAfter.id), undefined, operationAfter));
        events.push(operationEvent(undefined, operationAfter));
      }
    }
    if (operationChanged !== undefined && operationBefore !== undefined) {
      const phases = reachedPhases(operationBefore, operationChanged, now);
      operationAfter = stamp({ ...operationChanged, phases }, operationBefore, now);
      writes.push(operationWrite(names.operation(operationAfter.id), operationBefore, operationAfter));
      events.push(operationEvent(operationBefore, operationAfter));
    }
    if (writes.length > 0 && !(await commit(writes, events, more))) return undefined;
    return { vm: vmAfter, operation: operationAfter };
  };

  /** The port after one try; undefined when the record changed meanwhile. */
  const tryMovePort = async (
    id: VmId,
    port: number,
    range: { readonly start: number; readonly end: number },
  ): Promise<number | undefined> => {
    const vm = await readVm(id);
    if (vm === undefined) throw new AppError('VM_NOT_FOUND', `moving ${id} from port ${port}`);
    if (vm.proxy_port === null) throw new AppError('INTERNAL', `moving ${id} from port ${port}: it holds none`);
    // An earlier try moved it.
    if (vm.proxy_port !== port) return vm.proxy_port;
    const token = `port${randomBytes(16).toString('hex')}`;
    const after = { ...stamp(vm, vm, toTimestamp(clock.now())), proxy_port: token };
    const input = {
      id,
      expected: vm.revision,
      vm_json: JSON.stringify(after),
      reservation_json: JSON.stringify({ ...reservationOf(vm), port: token }),
      port_token: token,
      old_port: port,
      port_start: range.start,
      port_end: range.end,
      now_ms: clock.now(),
    };
    const keys = [names.vm(id), names.reservations, names.ports, names.releasedPorts, names.busyPorts];
    const reply = Number(await run(MOVE_PORT, keys, [JSON.stringify(input)]));
    if (reply === 0) throw new AppError('PORTS_EXHAUSTED', `moving ${id} from the busy port ${port}`);
    return reply === -1 ? undefined : reply;
  };

  /** Tries until nobody else changed the record meanwhile. */
  const retried = async <Result>(what: string, attempt: () => Promise<Result | undefined>): Promise<Result> => {
    for (let count = 0; count < MAX_CONFLICTS; count += 1) {
      const result = await attempt();
      if (result !== undefined) return result;
    }
    throw new AppError('STORE_UNAVAILABLE', `${what}: others kept changing it`);
  };

  return {
    getVm: (id) => guardStore(`reading VM ${id}`, () => readVm(id)),
    getOperation: (id) => guardStore(`reading operation ${id}`, () => readOperation(id)),
    listVms: () =>
      guardStore('listing VMs', async () => {
        const ids = (await redis.zrange(names.vms, '0', '-1')).map((id) => VmId.parse(id));
        const keys = ids.map((id) => names.vm(id));
        return readMany(redis, keys, VmRecord, names.vms);
      }),
    listPendingOperations: () =>
      guardStore('listing operations', async () => {
        const ids = (await redis.zrange(names.pendingOperations, '0', '-1')).map((id) => OperationId.parse(id));
        const keys = ids.map((id) => names.operation(id));
        return readMany(redis, keys, Operation, names.pendingOperations);
      }),
    update: (wanted) =>
      guardStore('changing records', () =>
        retried(`changing ${wanted.vm?.id ?? wanted.operation?.id ?? 'nothing'}`, () => tryUpdate(wanted)),
      ),
    listReservations: () =>
      guardStore('listing reservations', async () => {
        const entries = Object.entries(await redis.hgetall(names.reservations));
        return new Map(
          entries.map(([id, json]) => [VmId.parse(id), parseStored(Reservation, json, names.reservations)]),
        );
      }),
    forget: (vm) =>
      guardStore(`forgetting ${vm.id}`, async () => {
        const event = vmEvent(vm, { ...vm, status: 'deleted', error: null, updated_at: toTimestamp(clock.now()) });
        const held = [names.reservations, names.ports, names.releasedPorts];
        const keys = [names.vm(vm.id), names.vmTombstone(vm.id), names.vms, names.events, ...held];
        const numbers = [vm.revision, TOMBSTONE_MS].map(String);
        const values = [vm.id, ...numbers, JSON.stringify(event), String(MAX_EVENTS), String(clock.now())];
        return (await run(FORGET, keys, values)) === 0;
      }),
    movePort: (id, port, range) =>
      guardStore(`moving ${id} from port ${port}`, () =>
        retried(`moving ${id} from port ${port}`, () => tryMovePort(id, port, range)),
      ),
    listBusyPorts: () =>
      guardStore('listing busy ports', async () => new Set((await redis.smembers(names.busyPorts)).map(Number))),
    setBusyPorts: (ports) =>
      guardStore('recording busy ports', async () => {
        await run(SET_BUSY_PORTS, [names.busyPorts], [JSON.stringify(ports)]);
      }),
  };
}
