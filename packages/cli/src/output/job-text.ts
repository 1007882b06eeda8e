import type { Job, StreamedEvent } from '@golem-provider/contracts';
import { renderAge, renderPairs, renderTable } from './table.ts';

function phaseText({ phase, progress }: Pick<Job, 'phase' | 'progress'>): string {
  const words = phase.replaceAll('_', ' ');
  return progress === null ? words : `${words}, ${progress.toFixed(0)} %`;
}

/** Jobs as a table for people, in the order given. */
export function renderJobs(jobs: readonly Job[], nowMs: number): string {
  if (jobs.length === 0) return 'There are no jobs.\n';
  return renderTable(
    ['JOB', 'OPERATION', 'VM', 'STATUS', 'PHASE', 'AGE', 'ERROR'],
    jobs.map((job) => [
      job.job_id,
      job.operation,
      job.vm_id,
      job.status,
      phaseText(job),
      renderAge(job.created_at, nowMs),
      job.error?.code ?? '',
    ]),
  );
}

/** All of one job for people: the phases with the seconds after which each was reached. */
export function renderJob(job: Job): string {
  const began = Date.parse(job.created_at);
  const phases = job.phases.map(
    ({ phase, reached_at }) =>
      `${((Date.parse(reached_at) - began) / 1000).toFixed(1).padStart(8)} s  ${phase.replaceAll('_', ' ')}\n`,
  );
  const pairs = renderPairs([
    ['job', job.job_id],
    ['vm', job.vm_id],
    ['operation', job.operation],
    ['status', job.status],
    ['phase', phaseText(job)],
    ['failed tries', String(job.attempts)],
    ['created', job.created_at],
    ['updated', job.updated_at],
    ...(job.finished_at === null ? [] : [['finished', job.finished_at] as const]),
    ...(job.error === null ? [] : [['error', `${job.error.code}: ${job.error.message}`] as const]),
  ]);
  return `${pairs}\n${phases.join('')}`;
}

/** A line for people about an event. */
export function renderEvent(event: StreamedEvent): string {
  if (event.type === 'gap') return `events after ${event.last_event_id} are not kept any more: some are missing here\n`;
  const start = `${event.at}  ${event.vm_id}`;
  if (event.type === 'mend') return `${start}  mended: ${event.mend}\n`;
  const error = event.error === null ? '' : `  ${event.error.code}: ${event.error.message}`;
  switch (event.type) {
    case 'vm':
      return `${start}  ${event.status}${error}\n`;
    case 'operation':
      return `${start}  ${event.operation} ${event.status}: ${phaseText(event)}${error}\n`;
  }
}
