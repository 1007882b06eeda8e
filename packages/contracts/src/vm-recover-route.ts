import type { ErrorCode } from './error-codes.ts';
import { RecoverVmRequest } from './recover-request.ts';
import type { RouteContract } from './route-contract.ts';
import { accepted, asyncQuery, changeHeaders, etag, START_ERRORS, vmParams } from './route-parts.ts';
import { Vm } from './vm.ts';

/** What can go wrong: as with a start, and where the machine is not as it should be or has to be made anew. */
const RECOVER_ERRORS = [
  ...START_ERRORS,
  'VM_INTERRUPTED',
  'IMAGE_UNKNOWN',
  'GUEST_FAILED',
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
    headers: changeHeaders,
    body: RecoverVmRequest,
    responses: {
      200: { description: 'The VM is recovered.', schema: Vm, headers: etag },
      202: accepted,
      204: { description: 'The VM is gone, as was asked for.' },
    },
    errors: RECOVER_ERRORS,
  },
} as const satisfies Record<string, RouteContract>;
