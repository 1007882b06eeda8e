import { randomUUID } from 'node:crypto';
import { METRICS, METRICS_PREFIX, type MetricName, MetricsSnapshot, type ServiceName } from '@golem-provider/contracts';
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';

/**
 * How often the lag of the event loop is looked at. Each look wakes the process: at prom-client's own 10 ms that took a
 * third of a percent of a core in every service, more than all else that a service at rest did.
 */
const LAG_INTERVAL_MS = 100;

type Entries = typeof METRICS;
type NamesOf<Type> = { [Name in MetricName]: Entries[Name]['type'] extends Type ? Name : never }[MetricName];

/** A metric that only grows. */
export type CounterName = NamesOf<'counter'>;
/** A metric of how long things take. */
export type HistogramName = NamesOf<'histogram'>;
/** A metric that tells a level. */
export type GaugeName = NamesOf<'gauge'>;
/** A value for each label that the table gives a metric. */
export type MetricLabels<Name extends MetricName> = Readonly<Record<Entries[Name]['labels'][number], string>>;

/** The value of a level. */
export type Level = {
  [Name in GaugeName]: { readonly name: Name; readonly labels: MetricLabels<Name>; readonly value: number };
}[GaugeName];

/** Where one process counts. Counting never fails and costs microseconds. */
export interface Metrics {
  /** Of this process alone, made up anew for each. */
  readonly processId: string;
  count<Name extends CounterName>(name: Name, labels: MetricLabels<Name>): void;
  observe<Name extends HistogramName>(name: Name, labels: MetricLabels<Name>, seconds: number): void;
  set(level: Level): void;
  /** Asked for the levels whenever a snapshot is taken. A failure leaves them out. */
  onSnapshot(levels: () => Promise<readonly Level[]>): void;
  snapshot(): Promise<MetricsSnapshot>;
}

function isNamed<Entry extends { readonly type: string }, Type extends string>(
  entry: Entry,
  type: Type,
): entry is Entry & { readonly type: Type } {
  return entry.type === type;
}

const Snapshotted = z.array(
  z.looseObject({
    // prom-client leaves some metrics out of a sum; the start of a service is that of its oldest process.
    aggregator: z.string().transform((how) => (how === 'omit' ? 'min' : how)),
    values: z.array(z.looseObject({ value: z.unknown() })),
  }),
);

/**
 * The metrics of one process of a service: its own of the table, and what Node.js tells of the process. Without a service it
 * holds levels only, for a scrape.
 */
export function createMetrics(service?: ServiceName): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  const sources: (() => Promise<readonly Level[]>)[] = [];
  for (const [key, entry] of Object.entries(METRICS)) {
    if (entry.from !== (service ?? 'records')) continue;
    const options = {
      name: METRICS_PREFIX + key,
      help: entry.help,
      labelNames: [...entry.labels],
      registers: [registry],
    };
    if (isNamed(entry, 'counter')) counters.set(key, new Counter(options));
    else if (isNamed(entry, 'histogram')) {
      histograms.set(key, new Histogram({ ...options, buckets: [...entry.buckets] }));
      // Levels are facts of the host: two processes that tell one do not make it twice as much.
    } else gauges.set(key, new Gauge({ ...options, aggregator: 'max' }));
  }
  if (service !== undefined) {
    registry.setDefaultLabels({ service });
    collectDefaultMetrics({
      register: registry,
      prefix: METRICS_PREFIX,
      eventLoopMonitoringPrecision: LAG_INTERVAL_MS,
    });
  }

  return {
    processId: randomUUID(),
    count: (name, labels) => counters.get(name)?.inc(labels),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    set: ({ name, labels, value }) => gauges.get(name)?.set(labels, value),
    onSnapshot: (levels) => void sources.push(levels),
    async snapshot() {
      for (const outcome of await Promise.allSettled(sources.map(async (source) => source()))) {
        if (outcome.status === 'rejected') continue;
        for (const { name, labels, value } of outcome.value) gauges.get(name)?.set(labels, value);
      }
      const json: unknown = await registry.getMetricsAsJSON();
      // What is not known yet (NaN) has no place in JSON.
      const finite = Snapshotted.parse(json).map((metric) => ({
        ...metric,
        values: metric.values.filter(({ value }) => Number.isFinite(value)),
      }));
      return MetricsSnapshot.parse(finite);
    },
  };
}

/** Media type of `renderMetrics`. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Several snapshots in Prometheus's text format; processes of one service are added up. */
export async function renderMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}
