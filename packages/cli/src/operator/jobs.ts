import { JobStatus, OperationId, VmId } from '@golem-provider/contracts';
import { z } from 'zod';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { renderJob, renderJobs } from '../output/job-text.ts';
import { amount, parseRequest } from './arguments.ts';
import { assertSucceeded, watch } from './finish-job.ts';
import { mustFindVm } from './manage-vms.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';

/** What `jobs list` is given on the command line, as text. */
export interface JobListOptions extends ApiCommandOptions {
  readonly status?: string;
  readonly vm?: string;
  readonly limit?: string;
}

const JobFilter = z.object({ status: JobStatus.optional(), limit: z.int().min(1).default(50) });

function jobId(reference: string): OperationId {
  const id = OperationId.safeParse(reference);
  if (id.success) return id.data;
  throw new CommandError(`${reference} is not the id of a job, such as op-…`, EXIT_CODES.usage);
}

/** Lists jobs, the newest first. */
export async function listJobs(context: CommandContext, options: JobListOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const filter = parseRequest(JobFilter, { status: options.status, limit: amount('limit', options.limit) });
  // By its id also a VM that is gone: its jobs can still be seen.
  const id = VmId.safeParse(options.vm).data;
  const vmId = options.vm === undefined ? undefined : (id ?? (await mustFindVm(operator, options.vm)).id);
  const { jobs, hasMore } = await operator.api.listJobs({ ...filter, vm_id: vmId });
  operator.show(jobs, renderJobs(jobs, operator.nowMs()));
  if (hasMore) operator.tell('There are older jobs; --limit shows more.');
}

/** Shows one job. */
export async function showJob(context: CommandContext, reference: string, options: ApiCommandOptions): Promise<void> {
  const { api, show } = operatorContext(context, options);
  const job = await api.getJob(jobId(reference));
  show(job, renderJob(job));
}

/**
 * Follows a job to its end, telling its phases, and shows it.
 *
 * @throws CommandError when it did not end well.
 */
export async function watchJob(context: CommandContext, reference: string, options: ApiCommandOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const job = await watch(context, operator, jobId(reference));
  operator.show(job, renderJob(job));
  assertSucceeded(job);
}
