import { z } from 'zod';
import { Owner } from './access.ts';
import { HostId } from './host.ts';
import { Timestamp } from './timestamp.ts';
import { Failure, VmId } from './vm.ts';

/** Id of an operation; also the id of its BullMQ job, which may hold no colon and may not look like a number. */
export const OperationId = z
  .string()
  .regex(/^op-[0-9a-f-]{36}$/)
  .brand<'OperationId'>()
  .meta({ id: 'OperationId', description: 'Identifier of a job.', example: 'op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10' });
export type OperationId = z.infer<typeof OperationId>;

/** What is done to a VM. */
export const OperationKind = z
  .enum(['create', 'start', 'stop', 'restart', 'resize', 'update_keys', 'delete', 'retry', 'adopt', 'recreate'])
  .meta({ id: 'OperationKind' });
export type OperationKind = z.infer<typeof OperationKind>;

/** How far the operation's record is. The last three are final. */
export const OperationStatus = z.enum(['queued', 'active', 'completed', 'failed', 'cancelled']);
export type OperationStatus = z.infer<typeof OperationStatus>;

/** Where an operation is, for those who wait for it. */
export const OperationPhase = z
  .enum([
    'queued',
    'preparing',
    'fetching_image',
    'creating',
    'booting',
    'forwarding',
    'waiting_for_ssh',
    'updating_keys',
    'stopping',
    'resizing',
    'removing',
    'done',
  ])
  .meta({ id: 'OperationPhase', description: 'Where the operation is.' });
export type OperationPhase = z.infer<typeof OperationPhase>;

/** When an operation came to a phase; a try that begins anew comes to it again. */
const ReachedPhase = z
  .object({ phase: OperationPhase, reached_at: Timestamp })
  .meta({ id: 'ReachedPhase', description: 'When the operation came to a phase.' });
type ReachedPhase = z.infer<typeof ReachedPhase>;

/** How many phases are remembered: more than any operation has that does not fail again and again. */
const MAX_REACHED_PHASES = 50;

/** One change to one VM that somebody asked for, from the request to its end. Kept for `OPERATION_RETENTION_MS` after it. */
export const Operation = z.object({
  id: OperationId,
  host_id: HostId,
  vm_id: VmId,
  /** Of the VM; the VM may be gone before anybody asks for the operation. */
  owner: Owner,
  kind: OperationKind,
  /** The VM's generation that this operation is to bring about; an older one than the record's was overtaken. */
  generation: z.int().min(1),
  status: OperationStatus,
  phase: OperationPhase,
  /** The phases so far, the present one last. */
  phases: z.array(ReachedPhase).default([]),
  /** Percent of the phase, only where it is known. */
  progress: z.number().min(0).max(100).nullable(),
  attempts: z.int().min(0),
  error: Failure.nullable(),
  request_id: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  started_at: Timestamp.nullable(),
  finished_at: Timestamp.nullable(),
  revision: z.int().min(1),
});
export type Operation = z.infer<typeof Operation>;

/** How long a finished operation can be read: seven days. */
export const OPERATION_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** Whether the operation has ended, in whatever way. */
export function isFinished(status: OperationStatus): boolean {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'cancelled':
      return true;
    case 'queued':
    case 'active':
      return false;
  }
}

/** Status of a job as the API shows it. A creation says `creating` and `ready`, which existing requestors poll for. */
export const JobStatus = z
  .enum(['queued', 'active', 'creating', 'completed', 'ready', 'failed', 'cancelled'])
  .meta({ id: 'JobStatus' });
export type JobStatus = z.infer<typeof JobStatus>;

/** An operation as the API shows it. */
export const Job = z
  .object({
    job_id: OperationId,
    vm_id: VmId,
    operation: OperationKind,
    status: JobStatus,
    phase: OperationPhase,
    phases: z.array(ReachedPhase).describe('The phases so far, the present one last.'),
    progress: z.number().nullable().describe('Percent of the phase, where it is known.'),
    attempts: z.int().describe('Tries that have failed; after a failure that may pass it is tried again.'),
    error: Failure.nullable(),
    created_at: Timestamp,
    started_at: Timestamp.nullable().describe('When it was begun first.'),
    updated_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .meta({
    id: 'Job',
    description: 'An operation on a VM.',
    example: {
      job_id: 'op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10',
      vm_id: 'golem-my-webserver-20260101-120000',
      operation: 'create',
      status: 'creating',
      phase: 'fetching_image',
      phases: [
        { phase: 'queued', reached_at: '2026-01-01T12:00:00.000Z' },
        { phase: 'preparing', reached_at: '2026-01-01T12:00:00.080Z' },
        { phase: 'fetching_image', reached_at: '2026-01-01T12:00:00.210Z' },
      ],
      progress: 40,
      attempts: 0,
      error: null,
      created_at: '2026-01-01T12:00:00.000Z',
      started_at: '2026-01-01T12:00:00.050Z',
      updated_at: '2026-01-01T12:00:07.400Z',
      finished_at: null,
    },
  });
export type Job = z.infer<typeof Job>;

/** Whether the job has ended, in whatever way. */
export function isJobFinished({ status }: Pick<Job, 'status'>): boolean {
  switch (status) {
    case 'completed':
    case 'ready':
    case 'failed':
    case 'cancelled':
      return true;
    case 'queued':
    case 'active':
    case 'creating':
      return false;
  }
}

/** The answer 202 of a request that goes on in the background. */
export const JobAccepted = z
  .object({ job_id: OperationId, vm_id: VmId, status: JobStatus })
  .meta({ id: 'JobAccepted', description: 'The work goes on; poll the job.' });
export type JobAccepted = z.infer<typeof JobAccepted>;

function jobStatus(operation: Operation): JobStatus {
  if (operation.kind === 'create' && operation.status === 'active') return 'creating';
  if (operation.kind === 'create' && operation.status === 'completed') return 'ready';
  return operation.status;
}

/** The public view of an operation. */
export function toJob(operation: Operation): Job {
  return {
    job_id: operation.id,
    vm_id: operation.vm_id,
    operation: operation.kind,
    status: jobStatus(operation),
    phase: operation.phase,
    phases: operation.phases,
    progress: operation.progress,
    attempts: operation.attempts,
    error: operation.error,
    created_at: operation.created_at,
    started_at: operation.started_at,
    updated_at: operation.updated_at,
    finished_at: operation.finished_at,
  };
}

/** The 202 answer for an operation. */
export function toJobAccepted(operation: Operation): JobAccepted {
  return { job_id: operation.id, vm_id: operation.vm_id, status: jobStatus(operation) };
}

/** What makes an operation this one; all else of a new one is the same. */
export type NewOperation = Pick<Operation, 'id' | 'host_id' | 'vm_id' | 'kind' | 'generation' | 'request_id'> &
  Partial<Pick<Operation, 'owner'>>;

/** An operation that was accepted at `now` and that nobody has begun. */
export function newOperation(identity: NewOperation, now: Timestamp): Operation {
  return {
    owner: null,
    ...identity,
    status: 'queued',
    phase: 'queued',
    phases: [{ phase: 'queued', reached_at: now }],
    progress: null,
    attempts: 0,
    error: null,
    created_at: now,
    updated_at: now,
    started_at: null,
    finished_at: null,
    revision: 1,
  };
}

/** The phases of an operation after a change at `now`: one more where it came to another phase. */
export function reachedPhases(before: Operation, after: Pick<Operation, 'phase'>, now: Timestamp): ReachedPhase[] {
  if (before.phase === after.phase) return before.phases;
  return [...before.phases, { phase: after.phase, reached_at: now }].slice(-MAX_REACHED_PHASES);
}
