import { z } from 'zod';
import { JOB_ROUTES } from './job-routes.ts';
import { PROVIDER_ROUTES } from './provider-routes.ts';
import type { RouteContract } from './route-contract.ts';
import {
  accepted,
  ADMISSION_ERRORS,
  asyncQuery,
  CHANGE_ERRORS,
  changeHeaders,
  cursor,
  etag,
  location,
  nextPage,
  preferHeaders,
  START_ERRORS,
  vmParams,
} from './route-parts.ts';
import { VM_CHANGE_ROUTES } from './vm-change-routes.ts';
import { VM_RECOVER_ROUTES } from './vm-recover-route.ts';
import { Vm, VmName, VmStatus } from './vm.ts';
import { CreatedVm, CreateVmRequest, CreationAccepted, VmAccess, VmAccessPending } from './vm-request.ts';

/** Where the API lives. */
export const API_PREFIX = '/api/v1';

/** The routes that change the power of a VM differ in their path and in what they say. */
function powerRoute<Verb extends string>(verb: Verb, summary: string, description: string, done: string) {
  return {
    method: 'post',
    path: `/vms/{id}/${verb}`,
    access: 'owner',
    tag: 'VMs',
    summary,
    description,
    params: vmParams,
    query: asyncQuery,
    headers: changeHeaders,
    responses: { 200: { description: done, schema: Vm, headers: etag }, 202: accepted },
    errors: CHANGE_ERRORS,
  } as const satisfies RouteContract;
}

/** All routes, by operation id. */
export const API_ROUTES = {
  createVm: {
    method: 'post',
    path: '/vms',
    access: 'creator',
    tag: 'VMs',
    summary: 'Create a VM',
    description:
      'Answers 201 once the VM runs and ssh answers through its public port. A wait that runs out turns into 202; the work goes on.',
    query: asyncQuery,
    headers: preferHeaders.extend({
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible characters')
        .optional()
        .meta({
          description:
            'A key that nobody guesses, such as a UUID. The same request with the same key makes no second VM within 24 hours and is answered as the first one was.',
          example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
        }),
    }),
    body: CreateVmRequest,
    responses: {
      201: { description: 'The VM runs.', schema: CreatedVm, headers: { ...location, ...etag } },
      202: { ...accepted, schema: CreationAccepted },
    },
    errors: [
      ...ADMISSION_ERRORS,
      'IDEMPOTENCY_KEY_REUSED',
      'IMAGE_UNKNOWN',
      'IMAGE_UNAVAILABLE',
      'HYPERVISOR_FAILED',
      'HYPERVISOR_TIMEOUT',
      'GUEST_UNREACHABLE',
      'PROXY_FAILED',
      'OPERATION_CANCELLED',
    ],
  },
  listVms: {
    method: 'get',
    path: '/vms',
    access: 'owner',
    tag: 'VMs',
    summary: 'List VMs',
    description: 'Oldest first. An owner sees its own.',
    query: z.object({
      status: VmStatus.optional(),
      name: VmName.optional(),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(1000)
        .optional()
        .meta({ type: 'integer', description: 'At most so many; all when left out.' }),
      cursor,
    }),
    responses: {
      200: {
        description: 'The VMs.',
        schema: z.array(Vm),
        headers: nextPage,
      },
    },
    errors: [],
  },
  getVm: {
    method: 'get',
    path: '/vms/{id}',
    access: 'owner',
    tag: 'VMs',
    summary: 'Show a VM',
    params: vmParams,
    headers: z.object({
      'if-none-match': z.string().max(256).optional().describe('ETag of the VM as it was read before.'),
    }),
    responses: {
      200: { description: 'The VM.', schema: Vm, headers: etag },
      304: { description: 'The VM is as it was.', headers: etag },
    },
    errors: ['VM_NOT_FOUND'],
  },
  waitForVm: {
    method: 'get',
    path: '/vms/{id}/wait',
    access: 'owner',
    tag: 'VMs',
    summary: 'Wait for a status',
    description: 'Answers as soon as the VM has the status, or once the time has passed.',
    params: vmParams,
    query: z.object({
      status: VmStatus.describe('The status to wait for.'),
      timeout: z.coerce
        .number()
        .int()
        .min(0)
        .max(86_400)
        .optional()
        .meta({ type: 'integer', description: 'Seconds to wait at most; no wait is longer than the provider allows.' }),
    }),
    responses: {
      200: { description: 'The VM has the status.', schema: Vm },
      202: { description: 'Not yet: the VM as it is.', schema: Vm },
    },
    errors: ['VM_NOT_FOUND', 'VM_STATE_CONFLICT'],
  },
  getVmAccess: {
    method: 'get',
    path: '/vms/{id}/access',
    access: 'owner',
    tag: 'VMs',
    summary: 'Show how to log in',
    params: vmParams,
    responses: {
      200: { description: 'Where and as whom ssh gets in.', schema: VmAccess },
      202: { description: 'The VM is still being created.', schema: VmAccessPending },
    },
    errors: ['VM_NOT_FOUND', 'VM_STATE_CONFLICT'],
  },
  deleteVm: {
    method: 'delete',
    path: '/vms/{id}',
    access: 'owner',
    tag: 'VMs',
    summary: 'Delete a VM',
    description:
      'Stops and removes the VM, its proxy, its port and its keys. During a creation it cancels the creation.',
    params: vmParams,
    query: asyncQuery,
    headers: changeHeaders,
    responses: { 204: { description: 'The VM is gone.' }, 202: accepted },
    errors: [
      'VM_NOT_FOUND',
      'PRECONDITION_FAILED',
      'HYPERVISOR_FAILED',
      'HYPERVISOR_UNAVAILABLE',
      'HYPERVISOR_TIMEOUT',
      'PROXY_FAILED',
    ],
  },
  startVm: {
    ...powerRoute(
      'start',
      'Start a VM',
      'Waits until ssh answers through the public port. A VM that runs is left as it is. Where the host takes back the cores and the memory of stopped VMs, the start is refused as a creation would be while they are not free.',
      'The VM runs.',
    ),
    errors: START_ERRORS,
  },
  stopVm: powerRoute(
    'stop',
    'Stop a VM',
    'Shuts the guest down. The VM keeps its storage and its port and, unless the host takes them back, its cores and memory. One that is stopped is left as it is.',
    'The VM is stopped.',
  ),
  restartVm: powerRoute(
    'restart',
    'Restart a VM',
    'Shuts the guest down, starts it again and waits until ssh answers.',
    'The VM runs again.',
  ),
  ...VM_CHANGE_ROUTES,
  ...VM_RECOVER_ROUTES,
  ...JOB_ROUTES,
  ...PROVIDER_ROUTES,
} as const satisfies Record<string, RouteContract>;

/** Operation id of a route. */
export type RouteName = keyof typeof API_ROUTES;
