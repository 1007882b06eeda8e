import type { HostSample, Readiness, ReadinessCheck, WorkerReport } from '@golem-provider/contracts';
import type { ReportState, ReportStore } from '@golem-provider/store';

/** What readiness looks at. */
export interface ReadinessDeps {
  /** Resolves when Redis answers. */
  readonly ping: () => Promise<unknown>;
  readonly reports: Pick<ReportStore, 'worker' | 'monitor'>;
}

type Outcome<Report> = PromiseSettledResult<ReportState<Report> | undefined>;

function workerCheck(outcome: Outcome<WorkerReport>): ReadinessCheck {
  const name = 'worker';
  if (outcome.status === 'rejected') return { name, ok: false, detail: 'not known: Redis does not answer' };
  if (outcome.value === undefined) return { name, ok: false, detail: 'has never reported' };
  const { report, isFresh } = outcome.value;
  if (!isFresh) return { name, ok: false, detail: `last reported at ${report.reported_at}` };
  if (!report.healthy) return { name, ok: false, detail: report.reason ?? 'the hypervisor does not answer' };
  return { name, ok: true, detail: `${report.hypervisor.name} serves` };
}

function monitorCheck(outcome: Outcome<HostSample>): ReadinessCheck {
  const name = 'monitor';
  if (outcome.status === 'rejected') return { name, ok: false, detail: 'not known: Redis does not answer' };
  if (outcome.value === undefined) return { name, ok: false, detail: 'has never sampled the host' };
  const { report, isFresh } = outcome.value;
  return isFresh
    ? { name, ok: true, detail: 'the sample is fresh' }
    : { name, ok: false, detail: `last sampled at ${report.sampled_at}` };
}

/** Whether all that a new VM needs is there; one line for each part. Never rejects. */
export async function checkReadiness({ ping, reports }: ReadinessDeps): Promise<Readiness> {
  const [redis, worker, monitor] = await Promise.allSettled([ping(), reports.worker.read(), reports.monitor.read()]);
  const isUp = redis.status === 'fulfilled';
  const checks = [
    { name: 'redis', ok: isUp, detail: isUp ? 'answers' : 'does not answer' },
    workerCheck(worker),
    monitorCheck(monitor),
  ];
  return { ready: checks.every(({ ok }) => ok), checks };
}
