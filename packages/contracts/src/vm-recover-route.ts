import type { ErrorCode } from './error-codes.ts';
import { RecoverVmRequest } from './recover-request.ts';
import type { RouteContract } from './route-contract.ts';
import { accepted, asyncQuery, preferHeaders, vmParams } from './route-parts.ts';
import { Vm } from './vm.ts';

/** What can go wrong beside what can with any change: a VM that gave its cores and memory back is admitted again. */
const RECOVER_ERRORS = [
  'VM_NOT_FOUND',
  'VM_STATE_CONFLICT',
  'VM_INTERRUPTED',
  'VM_LOST',
  'OPERATION_CANCELLED',
  'IMAGE_UNKNOWN',
  'HYPERVISOR_FAILED',
  'HYPERVISOR_UNAVAILABLE',
  'HYPERVISOR_TIMEOUT',
  'GUEST_UNREACHABLE',
  'GUEST_FAILED',
  'PROXY_FAILED',
  'PORTS_EXHAUSTED',
  'RESOURCES_EXHAUSTED',
  'THRESHOLD_EXCEEDED',
  'WORKER_UNAVAILABLE',
  'SAMPLES_STALE',
] as const satisfies readonly ErrorCode[];

/** The route with which the operator recovers a VM that needs a person. */
export const VM_RECOVER_ROUTES = {
  recoverVm: {
    method: 'post',
    path: '/vms/{id}/recover',
    access: 'operator',
    tag: 'VMs',
    summary: 'Recover a VM that needs a person',
    description: 'For the operator, from the machine of the provider. Each action is an operation like the others.',
    params: vmParams,
    query: asyncQuery,
    headers: preferHeaders,
    body: RecoverVmRequest,
    responses: {
      200: { description: 'The VM is recovered.', schema: Vm },
      202: accepted,
      204: { description: 'The VM is gone, as was asked for.' },
    },
    errors: RECOVER_ERRORS,
  },
} as const satisfies Record<string, RouteContract>;
