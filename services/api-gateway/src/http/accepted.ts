import { API_PREFIX, type JobAccepted } from '@golem-provider/contracts';
import type { WaitPlan } from './prefer.ts';

/** The headers that say which preference of the client was honoured. */
export function applied({ applied: preference }: WaitPlan): Record<string, string> {
  return preference === undefined ? {} : { 'Preference-Applied': preference };
}

/** The answer for work that goes on in the background. */
export function accepted<Job extends JobAccepted>(
  job: Job,
  plan: WaitPlan,
): { status: 202; headers: Record<string, string>; body: Job } {
  return { status: 202, headers: { Location: `${API_PREFIX}/vms/jobs/${job.job_id}`, ...applied(plan) }, body: job };
}
