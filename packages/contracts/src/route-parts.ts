import { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';
import { EventId } from './events.ts';
import { JobAccepted } from './operation.ts';
import type { RouteResponse } from './route-contract.ts';
import { VmId } from './vm.ts';

/** The path of a VM. */
export const vmParams = z.object({ id: VmId });
/** The query of a change. */
export const asyncQuery = z.object({
  async: z
    .stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })
    .optional()
    .meta({ type: 'boolean', description: 'Answer 202 at once and go on in the background.' }),
});
/** Headers of a request that may wait. */
export const preferHeaders = z.object({
  prefer: z
    .string()
    .max(256)
    .optional()
    .describe('respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240).'),
});
/** Headers of a change of a VM that exists. */
export const changeHeaders = preferHeaders.extend({
  'if-match': z
    .string()
    .max(256)
    .optional()
    .describe('ETag of the VM as it was read: the change is refused with 412 where the VM is another since.'),
});
/** The header of an answer that shows a VM. */
export const etag = { ETag: 'Changes whenever the VM does.' };
/** The query parameter that asks for the page after another. */
export const cursor = z.string().max(256).optional().describe('From the Link header of the page before.');
/** The header of a page. */
export const nextPage = { Link: 'rel="next": the next page, where there is one.' };
/** Headers of a listener. */
export const resumeHeaders = z.object({
  'last-event-id': EventId.optional().describe('Go on after this event; browsers send it by themselves.'),
});
/** The header of an answer that made something. */
export const location = { Location: 'Path of the resource.' };
/** The answer of work that goes on. */
export const accepted = {
  description: 'The work goes on in the background.',
  schema: JobAccepted,
  headers: { Location: 'Path of the job.' },
} as const satisfies RouteResponse;

/** The code of each reason for which a creation is refused without a fault of the request. */
export const ADMISSION_ERRORS = [
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
export const CHANGE_ERRORS = [
  'VM_NOT_FOUND',
  'VM_STATE_CONFLICT',
  'VM_LOST',
  'PRECONDITION_FAILED',
  'OPERATION_CANCELLED',
  'HYPERVISOR_FAILED',
  'HYPERVISOR_UNAVAILABLE',
  'HYPERVISOR_TIMEOUT',
  'GUEST_UNREACHABLE',
  'PROXY_FAILED',
  'PORTS_EXHAUSTED',
] as const satisfies readonly ErrorCode[];

/** What can go wrong with a start beside that: a VM that gave its cores and memory back is admitted again. */
export const START_ERRORS = [
  ...CHANGE_ERRORS,
  'RESOURCES_EXHAUSTED',
  'THRESHOLD_EXCEEDED',
  'WORKER_UNAVAILABLE',
  'SAMPLES_STALE',
] as const satisfies readonly ErrorCode[];
