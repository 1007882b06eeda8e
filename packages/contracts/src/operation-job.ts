import { z } from 'zod';
import { OperationId } from './operation.ts';
import { VmId } from './vm.ts';

/** All that a queue's job says. What to do stands in the records; a secret never enters a job. */
export const OperationJob = z.object({ operation_id: OperationId, vm_id: VmId });
export type OperationJob = z.infer<typeof OperationJob>;

/** Options on which the one who enqueues and the one who runs agree. The operation's record outlives the job. */
export const OPERATION_JOB_OPTIONS = {
  // The worker counts tries in the operation's record and ends it there; this only keeps BullMQ from ending it first.
  attempts: 100,
  backoff: { type: 'exponential', delay: 2000, jitter: 0.5 },
  removeOnComplete: { age: 3600, count: 1000 },
  removeOnFail: { age: 24 * 3600, count: 1000 },
} as const;
