import { isDeepStrictEqual } from 'node:util';
import { reservationOf, VmId, type VmRecord } from '@golem-provider/contracts';
import type { Finding, FindingKind } from './finding.ts';
import type { World } from './world.ts';

/** States of a job that will still be run. */
const LIVE_JOB = new Set(['waiting', 'active', 'delayed', 'prioritized', 'waiting-children']);
const PASSING = new Set<VmRecord['status']>(['creating', 'starting', 'stopping', 'restarting', 'deleting', 'unknown']);

function asVmId(text: string): VmId | null {
  return VmId.safeParse(text).data ?? null;
}

function* auditReservations({ inventory }: World): Generator<Finding> {
  const { reservations, ports } = inventory;
  const byId = new Map<string, VmRecord>(inventory.vms.map((vm) => [vm.id, vm]));
  for (const vm of inventory.vms) {
    const held = reservations.get(vm.id);
    const wished = reservationOf(vm);
    if (held === undefined) {
      if (wished !== undefined)
        yield { kind: 'reservation_missing', vm_id: vm.id, detail: 'the VM has a record and holds nothing' };
      continue;
    }
    if (!isDeepStrictEqual(held, wished)) {
      const detail = `holds ${JSON.stringify(held)}, the record says ${JSON.stringify(wished ?? 'nothing')}`;
      yield { kind: 'reservation_differs', vm_id: vm.id, detail };
    }
  }
  for (const [id, { port }] of reservations) {
    if (!byId.has(id)) yield { kind: 'reservation_stray', vm_id: asVmId(id), detail: `${id} has no record` };
    const owner = ports.get(port);
    if (owner !== id) {
      const detail = `port ${port} is held by ${owner ?? 'nobody'}, a reservation of ${id} says otherwise`;
      yield { kind: 'port_missing', vm_id: asVmId(id), detail };
    }
  }
  for (const [port, id] of ports) {
    if (reservations.get(id)?.port !== port)
      yield { kind: 'port_stray', vm_id: asVmId(id), detail: `port ${port} is held for ${id} without a reservation` };
  }
}

function* auditOperations({ inventory, jobs }: World): Generator<Finding> {
  const vms = new Set<string>(inventory.vms.map(({ id }) => id));
  const known = new Set<string>(inventory.operations.map(({ id }) => id));
  for (const { id, vm_id, kind } of inventory.operations) {
    const finding = (of: FindingKind, detail: string): Finding => ({
      kind: of,
      vm_id,
      detail: `${kind} ${id}: ${detail}`,
    });
    if (!vms.has(vm_id)) yield finding('operation_stray', 'its VM has no record');
    if (!inventory.listedOperations.has(id)) yield finding('operation_unlisted', 'it has not ended and is not listed');
    const state = jobs.get(id);
    if (state === undefined || !LIVE_JOB.has(state))
      yield finding('operation_without_job', `its job is ${state ?? 'missing'}`);
  }
  for (const id of inventory.listedOperations) {
    if (!known.has(id))
      yield { kind: 'operation_missing', vm_id: null, detail: `${id} is listed and has no open record` };
  }
  for (const [id, state] of jobs) {
    if (LIVE_JOB.has(state) && !known.has(id))
      yield { kind: 'job_without_operation', vm_id: null, detail: `the job ${id} is ${state}` };
  }
}

/** Whether Redis fits together: records, lists, reservations, ports, operations and jobs. Pure. */
export function* auditRecords(world: World): Generator<Finding> {
  const { inventory } = world;
  const ids = new Set<string>(inventory.vms.map(({ id }) => id));
  const busy = new Set<string>(inventory.operations.map(({ vm_id }) => vm_id));
  for (const key of inventory.unreadable) yield { kind: 'record_unreadable', vm_id: null, detail: key };
  for (const id of inventory.listedVms) {
    if (!ids.has(id)) yield { kind: 'record_missing', vm_id: asVmId(id), detail: `${id} is listed and has no record` };
  }
  for (const { id, status, desired, error } of inventory.vms) {
    if (!inventory.listedVms.has(id)) yield { kind: 'record_unlisted', vm_id: id, detail: 'the record is not listed' };
    if (busy.has(id) || desired === 'discarded') continue;
    if (PASSING.has(status))
      yield { kind: 'status_unsettled', vm_id: id, detail: `it is ${status}, and no operation is under way` };
    if (status === 'error') yield { kind: 'vm_in_error', vm_id: id, detail: error?.message ?? 'without a reason' };
  }
  yield* auditReservations(world);
  yield* auditOperations(world);
}
