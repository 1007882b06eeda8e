import { type ErrorCode, OperationId, type RouteContract, VmId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { Caller } from './caller.ts';

/** Whose the subject of a route is: a VM's, a job's, or each item's by itself, which the route's handler looks at. */
type Subject = 'vm' | 'job' | 'each';

/**
 * What a route for owners is about, by its path.
 *
 * @throws Error for a path of which nobody could say whose it is: such a route must not be served.
 */
export function subjectOf({ path }: RouteContract): Subject {
  if (/^\/vms\/\{id\}(?:\/|$)/.test(path)) return 'vm';
  if (/^\/vms\/jobs\/\{job_id\}(?:\/|$)/.test(path)) return 'job';
  if (path.includes('{')) throw new Error(`nobody knows whose ${path} is`);
  return 'each';
}

/**
 * Refuses what belongs to another owner, in the words for what does not exist.
 *
 * @throws AppError `VM_NOT_FOUND`, `JOB_NOT_FOUND`
 */
export type CheckOwnership = (
  route: RouteContract,
  params: Readonly<Record<string, unknown>>,
  caller: Caller,
) => Promise<void>;

/** The check over the records. What is not there is refused here too: whatever else is wrong must not tell the two apart. */
export function createOwnershipCheck(records: Pick<RecordStore, 'getVm' | 'getOperation'>): CheckOwnership {
  const find = async (subject: Exclude<Subject, 'each'>, { id, job_id }: Readonly<Record<string, unknown>>) => {
    switch (subject) {
      case 'vm': {
        const vmId = VmId.safeParse(id);
        return vmId.success ? records.getVm(vmId.data) : undefined;
      }
      case 'job': {
        const jobId = OperationId.safeParse(job_id);
        return jobId.success ? records.getOperation(jobId.data) : undefined;
      }
    }
  };
  return async (route, params, caller) => {
    // Nothing is read for those who see everything: what belongs to nobody is the last thing that others are shown.
    if (route.access !== 'owner' || caller.sees(null)) return;
    const subject = subjectOf(route);
    if (subject === 'each') return;
    const found = await find(subject, params);
    if (found !== undefined && caller.sees(found.owner)) return;
    const code: ErrorCode = subject === 'job' ? 'JOB_NOT_FOUND' : 'VM_NOT_FOUND';
    throw new AppError(code, `${route.method} ${route.path}: it is not there, or another owner's`);
  };
}
