import { type Operation, type OwnerId, type ProviderEvent, type VmRecord } from '@golem-provider/contracts';

/** An event as the stream holds it: with the one who may be told of it, who is not named to anybody. */
export type OwnedEvent = ProviderEvent & { readonly owner: OwnerId | null };

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The event of a VM whose visible state differs from before; undefined where it does not. */
export function vmEvent(before: VmRecord | undefined, after: VmRecord): OwnedEvent | undefined {
  if (before?.status === after.status && same(before.error, after.error)) return undefined;
  return {
    type: 'vm',
    at: after.updated_at,
    vm_id: after.id,
    status: after.status,
    error: after.error,
    owner: after.owner,
  };
}

/** The event of an operation whose visible state differs from before; undefined where it does not. */
export function operationEvent(before: Operation | undefined, after: Operation): OwnedEvent | undefined {
  const visible = (operation: Operation): unknown => [
    operation.status,
    operation.phase,
    operation.progress,
    operation.error,
  ];
  if (before !== undefined && same(visible(before), visible(after))) return undefined;
  return { ...operationState(after), owner: after.owner };
}

/** The state of an operation as an event tells it. */
export function operationState(after: Operation): ProviderEvent {
  return {
    type: 'operation',
    at: after.updated_at,
    vm_id: after.vm_id,
    job_id: after.id,
    operation: after.kind,
    status: after.status,
    phase: after.phase,
    progress: after.progress,
    error: after.error,
  };
}
