import type { AdvertiserReport, HostSample, Readiness, ReadinessCheck, WorkerReport } from '@golem-provider/contracts';
import type { ReportState, ReportStore } from '@golem-provider/store';

/** What readiness looks at. */
export interface ReadinessDeps {
  /** Resolves when Redis answers. */
  readonly ping: () => Promise<unknown>;
  readonly reports: Pick<ReportStore, 'worker' | 'monitor' | 'advertiser'>;
}

type Check = Omit<ReadinessCheck, 'required'>;
type Outcome<Report> = PromiseSettledResult<ReportState<Report> | undefined>;

function workerCheck(outcome: Outcome<WorkerReport>): Check {
  const name = 'worker';
  if (outcome.status === 'rejected') return { name, ok: false, detail: 'not known: Redis does not answer' };
  if (outcome.value === undefined) return { name, ok: false, detail: 'has never reported' };
  const { report, isFresh } = outcome.value;
  if (!isFresh) return { name, ok: false, detail: `last reported at ${report.reported_at}` };
  if (!report.healthy) return { name, ok: false, detail: report.reason ?? 'the hypervisor does not answer' };
  return { name, ok: true, detail: [`${report.hypervisor.name} serves`, ...report.warnings].join('. ') };
}

function monitorCheck(outcome: Outcome<HostSample>): Check {
  const name = 'monitor';
  if (outcome.status === 'rejected') return { name, ok: false, detail: 'not known: Redis does not answer' };
  if (outcome.value === undefined) return { name, ok: false, detail: 'has never sampled the host' };
  const { report, isFresh } = outcome.value;
  return isFresh
    ? { name, ok: true, detail: 'the sample is fresh' }
    : { name, ok: false, detail: `last sampled at ${report.sampled_at}` };
}

function advertisementCheck(outcome: Outcome<AdvertiserReport>): Check {
  const name = 'advertisement';
  if (outcome.status === 'rejected') return { name, ok: false, detail: 'not known: Redis does not answer' };
  if (outcome.value === undefined) return { name, ok: false, detail: 'the advertiser has never reported' };
  const { report, isFresh } = outcome.value;
  if (!isFresh) return { name, ok: false, detail: `the advertiser last reported at ${report.reported_at}` };
  const { status, reason } = report.advertisement;
  return { name, ok: status === 'advertised', detail: reason === null ? status : `${status}: ${reason}` };
}

/**
 * Whether all that a new VM needs is there; one line for each part. Whether requestors find the provider is told as well,
 * but nothing hangs on it: a provider that discovery has lost serves who knows it. Never rejects.
 */
export async function checkReadiness({ ping, reports }: ReadinessDeps): Promise<Readiness> {
  const [redis, worker, monitor, advertiser] = await Promise.allSettled([
    ping(),
    reports.worker.read(),
    reports.monitor.read(),
    reports.advertiser.read(),
  ]);
  const isUp = redis.status === 'fulfilled';
  const required = [
    { name: 'redis', ok: isUp, detail: isUp ? 'answers' : 'does not answer' },
    workerCheck(worker),
    monitorCheck(monitor),
  ];
  return {
    ready: required.every(({ ok }) => ok),
    checks: [
      ...required.map((check) => ({ ...check, required: true })),
      { ...advertisementCheck(advertiser), required: false },
    ],
  };
}
