import { Timestamp, VmId, type VmName, type VmRecord, type VmStatus } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { z } from 'zod';

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

const Position = z.tuple([Timestamp, VmId]);
type Position = z.infer<typeof Position>;

function positionOf(vm: VmRecord): Position {
  return [vm.created_at, vm.id];
}

function compare([aTime, aId]: Position, [bTime, bId]: Position): number {
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  if (aId === bId) return 0;
  return aId < bId ? -1 : 1;
}

/** Writes the place after which a page begins. Opaque to requestors. */
export function formatCursor(vm: VmRecord): string {
  return Buffer.from(positionOf(vm).join(' ')).toString('base64url');
}

function parseCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = Position.safeParse(text.split(' '));
  if (position.success) return position.data;
  throw new AppError('INVALID_REQUEST', 'reading a cursor', {
    fields: [{ pointer: 'cursor', detail: 'must come from the Link header of another page' }],
  });
}

/**
 * The page of `vms` that a query asks for, oldest first. A cursor stays good when the VM that it points at is gone.
 *
 * @throws AppError `INVALID_REQUEST` for a cursor that is none.
 */
export function pageOf(vms: readonly VmRecord[], { status, name, limit, cursor }: VmListQuery): VmPage {
  const start = cursor === undefined ? undefined : parseCursor(cursor);
  const matching = vms
    .filter((vm) => status === undefined || vm.status === status)
    .filter((vm) => name === undefined || vm.name === name)
    .filter((vm) => start === undefined || compare(positionOf(vm), start) > 0)
    .sort((a, b) => compare(positionOf(a), positionOf(b)));
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  return { vms: page, next: last !== undefined && page.length < matching.length ? formatCursor(last) : undefined };
}

/** The Link header to the next page: the same path and query with another cursor. */
export function nextLink(url: string, next: string): string {
  // The base is needed to parse a relative reference and does not show in what is made of it.
  const target = new URL(url, 'http://localhost');
  target.searchParams.set('cursor', next);
  return `<${target.pathname}${target.search}>; rel="next"`;
}
