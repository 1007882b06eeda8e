import { z } from 'zod';
import { EVENT_STREAM_MEDIA_TYPE, StreamedEvent } from './events.ts';
import { Job, JobStatus, OperationId } from './operation.ts';
import type { RouteContract } from './route-contract.ts';
import { cursor, nextPage, resumeHeaders } from './route-parts.ts';
import { VmId } from './vm.ts';

/** The routes of jobs, and of what happens. */
export const JOB_ROUTES = {
  listJobs: {
    method: 'get',
    path: '/vms/jobs',
    access: 'owner',
    tag: 'Jobs',
    summary: 'List jobs',
    description:
      'Newest first: those that have not ended, and all of the last seven days, also of VMs that are gone. An owner sees its own.',
    query: z.object({
      status: JobStatus.optional(),
      vm_id: VmId.optional(),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(50)
        .meta({ type: 'integer', description: 'At most so many; 50 when left out.' }),
      cursor,
    }),
    responses: { 200: { description: 'The jobs.', schema: z.array(Job), headers: nextPage } },
    errors: [],
  },
  getJob: {
    method: 'get',
    path: '/vms/jobs/{job_id}',
    access: 'owner',
    tag: 'Jobs',
    summary: 'Show a job',
    params: z.object({ job_id: OperationId }),
    responses: { 200: { description: 'The job.', schema: Job } },
    errors: ['JOB_NOT_FOUND'],
  },
  streamJobEvents: {
    method: 'get',
    path: '/vms/jobs/{job_id}/events',
    access: 'owner',
    tag: 'Jobs',
    summary: 'Listen to a job',
    description:
      'Server-Sent Events: all that has happened to the job and is still kept, then what happens, until the job has ended. A listener that reads too slowly is cut off; it resumes by Last-Event-ID.',
    params: z.object({ job_id: OperationId }),
    headers: resumeHeaders,
    responses: {
      200: { description: 'The events of the job.', schema: StreamedEvent, mediaType: EVENT_STREAM_MEDIA_TYPE },
      204: { description: 'The job has ended and its last event was received already; do not reconnect.' },
    },
    errors: ['JOB_NOT_FOUND'],
  },
  streamEvents: {
    method: 'get',
    path: '/events',
    access: 'owner',
    tag: 'Jobs',
    summary: 'Listen to everything',
    description:
      'Server-Sent Events: the state changes of VMs and jobs as they happen. With Last-Event-ID first those since; an event named gap where they are not all kept any more. A listener that reads too slowly is cut off; it resumes by Last-Event-ID.',
    headers: resumeHeaders,
    responses: {
      200: { description: 'The events.', schema: StreamedEvent, mediaType: EVENT_STREAM_MEDIA_TYPE },
    },
    errors: [],
  },
} as const satisfies Record<string, RouteContract>;
