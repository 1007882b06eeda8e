import { z } from 'zod';
import { DrainState } from './drain.ts';
import type { ErrorCode } from './error-codes.ts';
import { Health, ProviderInfo, ProviderResources, Readiness } from './provider.ts';
import { Job, JobAccepted, OperationId } from './operation.ts';
import { RecoverVmRequest } from './recover-request.ts';
import { Vm, VmId, VmName, VmStatus } from './vm.ts';
import { CreateVmRequest, VmAccess, VmAccessPending } from './vm-request.ts';

/** Where the API lives. */
export const API_PREFIX = '/api/v1';

/** One answer of a route that is not an error. */
export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Names and meanings of headers worth knowing. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route as a value: the gateway serves exactly these, the OpenAPI document lists exactly these. */
export interface RouteContract {
  readonly method: 'get' | 'post' | 'delete';
  /** Path below the API's prefix, in OpenAPI's form. */
  readonly path: string;
  readonly tag: 'VMs' | 'Jobs' | 'Provider' | 'Service';
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Errors of this route's own; those that any route can give are added. */
  readonly errors: readonly ErrorCode[];
  /** Answers only who calls from the provider's own machine; others get `FORBIDDEN`. */
  readonly operatorOnly?: boolean;
  /** Also served without the API's prefix. */
  readonly unprefixed?: boolean;
}

const vmParams = z.object({ id: VmId });
const asyncQuery = z.object({
  async: z
    .stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })
    .optional()
    .meta({ type: 'boolean', description: 'Answer 202 at once and go on in the background.' }),
});
const preferHeaders = z.object({
  prefer: z
    .string()
    .max(256)
    .optional()
    .describe('respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240).'),
});
const location = { Location: 'Path of the resource.' };
const accepted = {
  description: 'The work goes on in the background.',
  schema: JobAccepted,
  headers: { Location: 'Path of the job.' },
} as const satisfies RouteResponse;

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
  startVm: powerRoute(
    'start',
    'Start a VM',
    'Waits until ssh answers through the public port. A VM that runs is left as it is.',
    'The VM runs.',
  ),
  stopVm: powerRoute(
    'stop',
    'Stop a VM',
    'Shuts the guest down. The VM keeps what it holds. One that is stopped is left as it is.',
    'The VM is stopped.',
  ),
  restartVm: powerRoute(
    'restart',
    'Restart a VM',
    'Shuts the guest down, starts it again and waits until ssh answers.',
    'The VM runs again.',
  ),
  recoverVm: {
    method: 'post',
    path: '/vms/{id}/recover',
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
    errors: [...CHANGE_ERRORS, 'FORBIDDEN'],
    operatorOnly: true,
  },
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
