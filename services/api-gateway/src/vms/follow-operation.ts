import { type JobAccepted, type Operation, toJobAccepted } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { OperationWaiter } from './operation-waiter.ts';

/** How long, and for whom, an operation is followed. */
export interface Following {
  /** Zero: not at all. */
  readonly waitMs: number;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

/** What came of it while somebody waited; a failure is thrown instead. */
export type Followed = { readonly isDone: true } | { readonly isDone: false; readonly job: JobAccepted };

function failureOf({ id, kind, status, error }: Operation): AppError {
  const doing = `${kind} by operation ${id}`;
  if (status === 'cancelled') return new AppError('OPERATION_CANCELLED', `${doing}: cancelled`);
  if (error === null) return new AppError('INTERNAL', `${doing}: failed without a reason`);
  return new AppError(error.code, `${doing}: ${error.message}`, { publicDetail: error.message });
}

/**
 * Waits for an accepted operation and says how it ended, or that it goes on.
 *
 * @throws AppError with the operation's own code when it failed, `OPERATION_CANCELLED` when it was cancelled; the reason of
 *   `gone` when the client left.
 */
export async function followOperation(
  waiter: OperationWaiter,
  job: JobAccepted,
  { waitMs, gone }: Following,
): Promise<Followed> {
  if (waitMs === 0) return { isDone: false, job };
  const operation = await waiter.wait(job.job_id, waitMs, gone);
  switch (operation?.status) {
    case 'completed':
      return { isDone: true };
    case 'failed':
    case 'cancelled':
      throw failureOf(operation);
    case 'queued':
    case 'active':
      return { isDone: false, job: toJobAccepted(operation) };
    case undefined:
      return { isDone: false, job };
  }
}
