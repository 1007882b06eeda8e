import { VmId, type VmName, type VmRecord, type VmStatus } from '@golem-provider/contracts';
import { comparePositions, formatCursor, parseCursor, type Position } from '../http/page-cursor.ts';

/** Which VMs, and how many of them. */
export interface VmListQuery {
  readonly status?: VmStatus | undefined;
  readonly name?: VmName | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A page of VMs; `next` is the cursor of the page after it, where there is one. */
export interface VmPage {
  readonly vms: readonly VmRecord[];
  readonly next: string | undefined;
}

function positionOf(vm: VmRecord): Position<VmId> {
  return [vm.created_at, vm.id];
}

/**
 * The page of `vms` that a query asks for, oldest first. A cursor stays good when the VM that it points at is gone.
 *
 * @throws AppError `INVALID_REQUEST` for a cursor that is none.
 */
export function pageOf(vms: readonly VmRecord[], { status, name, limit, cursor }: VmListQuery): VmPage {
  const start = cursor === undefined ? undefined : parseCursor(cursor, VmId);
  const matching = vms
    .filter((vm) => status === undefined || vm.status === status)
    .filter((vm) => name === undefined || vm.name === name)
    .filter((vm) => start === undefined || comparePositions(positionOf(vm), start) > 0)
    .sort((a, b) => comparePositions(positionOf(a), positionOf(b)));
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  return {
    vms: page,
    next: last !== undefined && page.length < matching.length ? formatCursor(positionOf(last)) : undefined,
  };
}
