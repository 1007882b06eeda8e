import { z } from 'zod';
import { DrainState } from './drain.ts';
import type { ErrorCode } from './error-codes.ts';
import { Health, ProviderHistory, ProviderInfo, ProviderResources, Readiness } from './provider.ts';
import { Job, OperationId } from './operation.ts';
import { accepted, asyncQuery, preferHeaders, type RouteContract, vmParams } from './route-contract.ts';
import { VM_CHANGE_ROUTES } from './vm-change-routes.ts';
import { VM_RECOVER_ROUTES } from './vm-recover-route.ts';
import { Vm, VmName, VmStatus } from './vm.ts';
import { CreateVmRequest, VmAccess, VmAccessPending } from './vm-request.ts';

/** Where the API lives. */
export const API_PREFIX = '/api/v1';

const location = { Location: 'Path of the resource.' };

/** The code of each reason for which a creation is refused without a fault of the request. */
const ADMISSION_ERRORS = [
  'RESOURCES_EXHAUSTED',
  'THRESHOLD_EXCEEDED',
  'DRAINING',
  'MAX_VMS_REACHED',
  'PORTS_EXHAUSTED',
  'WORKER_UNAVAILABLE',
  'HYPERVISOR_UNAVAILABLE',
  'SAMPLES_STALE',
] as const satisfies readonly ErrorCode[];

/** What can go wrong with a change of a VM that exists. */
const CHANGE_ERRORS = [
  'VM_NOT_FOUND',
  'VM_STATE_CONFLICT',
  'OPERATION_CANCELLED',
  'HYPERVISOR_FAILED',
  'HYPERVISOR_UNAVAILABLE',
  'HYPERVISOR_TIMEOUT',
  'GUEST_UNREACHABLE',
  'PROXY_FAILED',
  'PORTS_EXHAUSTED',
] as const satisfies readonly ErrorCode[];

/** What can go wrong with a start beside that: a VM that gave its cores and memory back is admitted again. */
const START_ERRORS = [
  ...CHANGE_ERRORS,
  'RESOURCES_EXHAUSTED',
  'THRESHOLD_EXCEEDED',
  'WORKER_UNAVAILABLE',
  'SAMPLES_STALE',
] as const satisfies readonly ErrorCode[];

/** The routes that change the power of a VM differ in their path and in what they say. */
function powerRoute<Verb extends string>(verb: Verb, summary: string, description: string, done: string) {
  return {
    method: 'post',
    path: `/vms/{id}/${verb}`,
    tag: 'VMs',
    summary,
    description,
    params: vmParams,
    query: asyncQuery,
    headers: preferHeaders,
    responses: { 200: { description: done, schema: Vm }, 202: accepted },
    errors: CHANGE_ERRORS,
  } as const satisfies RouteContract;
}

/** All routes, by operation id. */
export const API_ROUTES = {
  createVm: {
    method: 'post',
    path: '/vms',
    tag: 'VMs',
    summary: 'Create a VM',
    description:
      'Answers 201 once the VM runs and ssh answers through its public port. A wait that runs out turns into 202; the work goes on.',
    query: asyncQuery,
    headers: preferHeaders,
    body: CreateVmRequest,
    responses: { 201: { description: 'The VM runs.', schema: Vm, headers: location }, 202: accepted },
    errors: [
      ...ADMISSION_ERRORS,
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
    tag: 'VMs',
    summary: 'List VMs',
    description: 'Oldest first.',
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
      cursor: z.string().max(256).optional().describe('From the Link header of the page before.'),
    }),
    responses: {
      200: {
        description: 'The VMs.',
        schema: z.array(Vm),
        headers: { Link: 'rel="next": the next page, where there is one.' },
      },
    },
    errors: [],
  },
  getVm: {
    method: 'get',
    path: '/vms/{id}',
    tag: 'VMs',
    summary: 'Show a VM',
    params: vmParams,
    responses: { 200: { description: 'The VM.', schema: Vm } },
    errors: ['VM_NOT_FOUND'],
  },
  getVmAccess: {
    method: 'get',
    path: '/vms/{id}/access',
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
    tag: 'VMs',
    summary: 'Delete a VM',
    description:
      'Stops and removes the VM, its proxy, its port and its keys. During a creation it cancels the creation.',
    params: vmParams,
    query: asyncQuery,
    headers: preferHeaders,
    responses: { 204: { description: 'The VM is gone.' }, 202: accepted },
    errors: ['VM_NOT_FOUND', 'HYPERVISOR_FAILED', 'HYPERVISOR_UNAVAILABLE', 'HYPERVISOR_TIMEOUT', 'PROXY_FAILED'],
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
  getJob: {
    method: 'get',
    path: '/vms/jobs/{job_id}',
    tag: 'Jobs',
    summary: 'Show a job',
    params: z.object({ job_id: OperationId }),
    responses: { 200: { description: 'The job.', schema: Job } },
    errors: ['JOB_NOT_FOUND'],
  },
  getProviderInfo: {
    method: 'get',
    path: '/provider/info',
    tag: 'Provider',
    summary: 'Show who rents out this host',
    responses: { 200: { description: 'The provider.', schema: ProviderInfo } },
    errors: [],
  },
  getProviderResources: {
    method: 'get',
    path: '/provider/resources',
    tag: 'Provider',
    summary: 'Show what is free',
    responses: { 200: { description: 'The resources.', schema: ProviderResources } },
    errors: [],
  },
  drainProvider: {
    method: 'post',
    path: '/provider/drain',
    tag: 'Provider',
    summary: 'Take no new VMs',
    description:
      'New VMs are refused and the advertisement is withdrawn until undrained, over restarts too. VMs that exist are served as before. Again: nothing changes.',
    responses: { 200: { description: 'No new VM is taken.', schema: DrainState } },
    errors: ['FORBIDDEN'],
    operatorOnly: true,
  },
  undrainProvider: {
    method: 'post',
    path: '/provider/undrain',
    tag: 'Provider',
    summary: 'Take new VMs again',
    responses: { 200: { description: 'New VMs are taken.', schema: DrainState } },
    errors: ['FORBIDDEN'],
    operatorOnly: true,
  },
  getProviderHistory: {
    method: 'get',
    path: '/provider/resources/history',
    tag: 'Provider',
    summary: 'Show the load of the last hour',
    description: 'A point for each sample, oldest first.',
    query: z.object({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(3600)
        .default(120)
        .meta({ type: 'integer', description: 'At most so many of the last points; 120 when left out.' }),
    }),
    responses: { 200: { description: 'The history.', schema: ProviderHistory } },
    errors: [],
  },
  getHealth: {
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Tell whether the process is up',
    responses: { 200: { description: 'It is.', schema: Health } },
    errors: [],
    unprefixed: true,
  },
  getReadiness: {
    method: 'get',
    path: '/ready',
    tag: 'Service',
    summary: 'Tell whether new VMs can be made',
    responses: {
      200: { description: 'They can.', schema: Readiness },
      503: { description: 'Something is missing; the checks say what.', schema: Readiness },
    },
    errors: [],
  },
} as const satisfies Record<string, RouteContract>;

/** Operation id of a route. */
export type RouteName = keyof typeof API_ROUTES;
