import { type Operation, ProviderEvent, type VmRecord } from '@golem-provider/contracts';

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The event of a VM whose visible state differs from before; undefined where it does not. */
export function vmEvent(before: VmRecord | undefined, after: VmRecord): ProviderEvent | undefined {
  if (before?.status === after.status && same(before.error, after.error)) return undefined;
  return ProviderEvent.parse({
    type: 'vm',
    at: after.updated_at,
    vm_id: after.id,
    status: after.status,
    error: after.error,
  });
}

/** The event of an operation whose visible state differs from before; undefined where it does not. */
export function operationEvent(before: Operation | undefined, after: Operation): ProviderEvent | undefined {
  const visible = (operation: Operation): unknown => [
    operation.status,
    operation.phase,
    operation.progress,
    operation.error,
  ];
  if (before !== undefined && same(visible(before), visible(after))) return undefined;
  return operationState(after);
}

/** The state of an operation as an event tells it. */
export function operationState(after: Operation): ProviderEvent {
  return ProviderEvent.parse({
    type: 'operation',
    at: after.updated_at,
    vm_id: after.vm_id,
    job_id: after.id,
    operation: after.kind,
    status: after.status,
    phase: after.phase,
    progress: after.progress,
    error: after.error,
  });
}
