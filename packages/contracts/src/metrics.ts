import { z } from 'zod';

/** Prefix of every metric. */
export const METRICS_PREFIX = 'golem_provider_';

/** The programs that count. */
export type ServiceName = 'api-gateway' | 'vm-worker' | 'monitor' | 'advertiser';

interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** `records`: computed from the records when somebody asks. */
  readonly from: ServiceName | 'records';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[];
}

const CALL_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const OPERATION_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 60, 120, 300, 600];

/**
 * Every metric of our own, by its name without the prefix. What counts them, `docs/metrics.md` and the check of the dashboard
 * and the alert rules all come from here. Metrics of a service also carry the label `service`.
 */
export const METRICS = {
  operations_total: {
    type: 'counter',
    from: 'vm-worker',
    help: 'Operations by how a run of them ended: completed, failed, cancelled, or retried later.',
    labels: ['kind', 'result'],
  },
  operation_failures_total: {
    type: 'counter',
    from: 'vm-worker',
    help: 'Operations that failed for good, by error code.',
    labels: ['kind', 'code'],
  },
  operation_duration_seconds: {
    type: 'histogram',
    from: 'vm-worker',
    help: 'From the acceptance of an operation to its end.',
    labels: ['kind', 'result'],
    buckets: OPERATION_SECONDS,
  },
  operation_phase_duration_seconds: {
    type: 'histogram',
    from: 'vm-worker',
    help: 'How long a phase took; queued is the time before the first step.',
    labels: ['phase'],
    buckets: OPERATION_SECONDS,
  },
  hypervisor_call_duration_seconds: {
    type: 'histogram',
    from: 'vm-worker',
    help: 'Calls of the hypervisor by command; the result is ok, aborted, or an error code.',
    labels: ['command', 'result'],
    buckets: CALL_SECONDS,
  },
  nginx_reload_duration_seconds: {
    type: 'histogram',
    from: 'vm-worker',
    help: 'Reloads, starts and upgrades of nginx; the result is ok, refused (the reason is in the log) or failed.',
    labels: ['action', 'result'],
    buckets: CALL_SECONDS,
  },
  ssh_sessions: {
    type: 'gauge',
    from: 'vm-worker',
    help: 'Connections that are open through the public ssh ports.',
    labels: [],
  },
  nginx_workers: {
    type: 'gauge',
    from: 'vm-worker',
    help: 'Workers of nginx: active, or leaving: retired by a reload, each held by a session that began before it.',
    labels: ['state'],
  },
  mends_total: {
    type: 'counter',
    from: 'vm-worker',
    help: 'What was put right without anybody asking, by kind; each is told as an event and in the log too.',
    labels: ['kind'],
  },
  http_request_duration_seconds: {
    type: 'histogram',
    from: 'api-gateway',
    help: 'Requests by the route that answered; a creation that is waited for takes as long as it does.',
    labels: ['method', 'route', 'status'],
    buckets: REQUEST_SECONDS,
  },
  admissions_total: {
    type: 'counter',
    from: 'api-gateway',
    help: 'VMs that were accepted.',
    labels: [],
  },
  admission_refusals_total: {
    type: 'counter',
    from: 'api-gateway',
    help: 'VMs that were refused, by the code of the reason.',
    labels: ['reason'],
  },
  redis_up: { type: 'gauge', from: 'records', help: '1 while Redis answers. All below needs it.', labels: [] },
  build_info: { type: 'gauge', from: 'records', help: '1; the version is in the label.', labels: ['version'] },
  report_fresh: {
    type: 'gauge',
    from: 'records',
    help: '1 while the service has reported lately.',
    labels: ['reporter'],
  },
  hypervisor_up: {
    type: 'gauge',
    from: 'records',
    help: '1 while the worker reports that hypervisor and proxy work.',
    labels: [],
  },
  accepting: { type: 'gauge', from: 'records', help: '1 while the smallest VM would be taken.', labels: [] },
  draining: { type: 'gauge', from: 'records', help: '1 while the operator keeps new VMs out.', labels: [] },
  refusal_reason: {
    type: 'gauge',
    from: 'records',
    help: '1 for each reason for which the smallest VM would be refused now.',
    labels: ['reason'],
  },
  vms: { type: 'gauge', from: 'records', help: 'VMs by status.', labels: ['status'] },
  vms_limit: { type: 'gauge', from: 'records', help: 'How many VMs the operator allows.', labels: [] },
  capacity_cores: {
    type: 'gauge',
    from: 'records',
    help: 'Cores: total, reserve (kept for the host), held by VMs, free.',
    labels: ['state'],
  },
  capacity_memory_bytes: {
    type: 'gauge',
    from: 'records',
    help: 'Memory: total, reserve, held, free.',
    labels: ['state'],
  },
  capacity_storage_bytes: {
    type: 'gauge',
    from: 'records',
    help: 'Storage: total, reserve, held, free.',
    labels: ['state'],
  },
  host_usage_ratio: {
    type: 'gauge',
    from: 'records',
    help: 'Use of the host as the monitor saw it last.',
    labels: ['dimension'],
  },
  host_usage_threshold_ratio: {
    type: 'gauge',
    from: 'records',
    help: 'Use over which no new VM is taken.',
    labels: ['dimension'],
  },
  ports: {
    type: 'gauge',
    from: 'records',
    help: 'Ports of the ssh range: total, used by VMs, busy (another program listens), free.',
    labels: ['state'],
  },
  advertisement_status: {
    type: 'gauge',
    from: 'records',
    help: '1 for the state of the advertisement: advertised, paused, failing or pending.',
    labels: ['status'],
  },
  advertisement_last_success_timestamp_seconds: {
    type: 'gauge',
    from: 'records',
    help: 'When the discovery service last took the advertisement; absent before the first time.',
    labels: [],
  },
  operations_pending: {
    type: 'gauge',
    from: 'records',
    help: 'Operations that have not ended, by status.',
    labels: ['kind', 'status'],
  },
  queue_jobs: { type: 'gauge', from: 'records', help: 'Jobs in the queue of the host by state.', labels: ['state'] },
} as const satisfies Record<string, MetricEntry>;

/** A metric of `METRICS`, without the prefix. */
export type MetricName = keyof typeof METRICS;

/** What each process of ours tells of itself, as prom-client names it, without the prefix. */
export const PROCESS_METRICS = [
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'nodejs_heap_space_size_available_bytes',
  'nodejs_version_info',
  'nodejs_gc_duration_seconds',
] as const;

/** One metric for `docs/metrics.md`. */
export interface MetricDescription {
  readonly name: string;
  readonly type: MetricEntry['type'];
  readonly from: MetricEntry['from'];
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of our own in the order of the docs. */
export function describeMetrics(): MetricDescription[] {
  return Object.entries(METRICS).map(([name, { type, from, help, labels }]) => ({
    name: METRICS_PREFIX + name,
    type,
    from,
    help,
    labels: from === 'records' ? labels : ['service', ...labels],
  }));
}

/** The name under which series of a metric are stored: those of a histogram are three. */
function seriesOf({ name, type }: Pick<MetricDescription, 'name' | 'type'>): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

/** The names of all series that a scrape can bring, for whoever checks what refers to them. */
export function metricSeriesNames(): ReadonlySet<string> {
  const process = PROCESS_METRICS.map((name) => ({
    name: METRICS_PREFIX + name,
    type: name === 'nodejs_gc_duration_seconds' ? ('histogram' as const) : ('gauge' as const),
  }));
  return new Set([...describeMetrics(), ...process].flatMap(seriesOf));
}

const MetricValue = z.object({
  value: z.number(),
  labels: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The series of a histogram. */
  metricName: z.string().optional(),
});

/** What a process has counted, as it leaves it in Redis for the gateway to export. */
export const MetricsSnapshot = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
    /** How the values of several processes of one service become one. */
    aggregator: z.enum(['sum', 'first', 'average', 'min', 'max']),
    values: z.array(MetricValue),
  }),
);
export type MetricsSnapshot = z.infer<typeof MetricsSnapshot>;
