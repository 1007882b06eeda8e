import { errorCodeEntry, type Job, type JobAccepted, type OperationId } from '@golem-provider/contracts';
import { followJob } from '../api/follow-job.ts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import type { ApiCommandOptions, OperatorContext } from './operator-context.ts';
import { createProgressTeller } from './progress-teller.ts';

/** How long a command waits for the end of what it asked for: more than a launch may take. */
const FOLLOW_TIMEOUT_MS = 30 * 60_000;

/** Options of the commands that change something. */
export interface ChangeOptions extends ApiCommandOptions {
  /** False: show the job at once and let it go on. */
  readonly wait?: boolean;
}

/** Follows a job to its end, telling its phases. */
export function watch(context: CommandContext, { api, tell }: OperatorContext, id: OperationId): Promise<Job> {
  const teller = createProgressTeller(tell, () => performance.now());
  return followJob(api, id, { signal: context.signal, timeoutMs: FOLLOW_TIMEOUT_MS }, teller);
}

/** @throws CommandError when the job did not end well, with its words and the exit code of its reason. */
export function assertSucceeded({ operation, error, status, vm_id }: Job): void {
  if (status === 'completed' || status === 'ready') return;
  if (error === null) throw new CommandError(`${operation} of ${vm_id}: ${status}`);
  const entry = errorCodeEntry(error.code);
  throw new CommandError(
    `${operation} of ${vm_id} ${status}: ${error.message}\n${entry.remedy} (${error.code})`,
    exitCodeOfStatus(entry.status),
  );
}

/**
 * Follows the job of a change to its end. False where nobody wants to wait: the job was shown then.
 *
 * @throws CommandError when the job did not end well.
 */
export async function finish(
  context: CommandContext,
  operator: OperatorContext,
  job: JobAccepted,
  { wait = true }: ChangeOptions,
): Promise<boolean> {
  if (!wait) {
    operator.show(job, `Job ${job.job_id} of ${job.vm_id} goes on in the background.\n`);
    return false;
  }
  assertSucceeded(await watch(context, operator, job.job_id));
  return true;
}
