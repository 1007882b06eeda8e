import {
  type AdvertiserReport,
  BYTES_PER_GIB,
  capacityOf,
  DIMENSIONS,
  type HostSample,
  type Operation,
  type Reservation,
  type Resources,
  type Settings,
  type VmRecord,
  VmStatus,
  type WorkerReport,
} from '@golem-provider/contracts';
import type { Level } from '@golem-provider/service-kit/metrics';
import type { ReportState } from '@golem-provider/store';
import { providerResources, type SellingSettings } from '../provider/provider-resources.ts';

/** Everything in Redis that a level is computed from. */
export interface RecordedState {
  readonly vms: readonly VmRecord[];
  readonly pendingOperations: readonly Operation[];
  readonly reservations: readonly Reservation[];
  readonly busyPorts: ReadonlySet<number>;
  readonly monitor: ReportState<HostSample> | undefined;
  readonly worker: ReportState<WorkerReport> | undefined;
  readonly advertiser: ReportState<AdvertiserReport> | undefined;
  readonly isDraining: boolean;
  /** Jobs of the queue by state. */
  readonly jobs: Readonly<Record<string, number>>;
}

const ADVERTISEMENT_STATUSES = ['advertised', 'paused', 'failing', 'pending'] as const;

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function vmLevels(vms: readonly VmRecord[], limit: number): Level[] {
  const counts = countBy(vms, ({ status }) => status);
  return [
    ...VmStatus.options.map((status): Level => ({ name: 'vms', labels: { status }, value: counts.get(status) ?? 0 })),
    { name: 'vms_limit', labels: {}, value: limit },
  ];
}

function capacityLevels(sample: HostSample, reservations: readonly Reservation[]): Level[] {
  const { total, reserved, available } = capacityOf(sample, reservations);
  const states = (of: keyof Resources, unit: number): [string, number][] => [
    ['total', total[of] * unit],
    ['reserve', (total[of] - sample.sellable[of]) * unit],
    ['held', reserved[of] * unit],
    ['free', available[of] * unit],
  ];
  return [
    ...states('cpu_cores', 1).map(([state, value]): Level => ({ name: 'capacity_cores', labels: { state }, value })),
    ...states('memory_gb', BYTES_PER_GIB).map(([state, value]): Level => ({
      name: 'capacity_memory_bytes',
      labels: { state },
      value,
    })),
    ...states('storage_gb', BYTES_PER_GIB).map(([state, value]): Level => ({
      name: 'capacity_storage_bytes',
      labels: { state },
      value,
    })),
  ];
}

function loadLevels({ usage_percent: usage, thresholds }: HostSample): Level[] {
  return DIMENSIONS.flatMap((dimension): Level[] => [
    { name: 'host_usage_ratio', labels: { dimension }, value: usage[dimension] / 100 },
    { name: 'host_usage_threshold_ratio', labels: { dimension }, value: thresholds[dimension] / 100 },
  ]);
}

function portLevels(
  { reservations, busyPorts }: RecordedState,
  { PORT_RANGE_START: start, PORT_RANGE_END: end }: Pick<Settings, 'PORT_RANGE_START' | 'PORT_RANGE_END'>,
): Level[] {
  const isInRange = (port: number): boolean => port >= start && port < end;
  const used = new Set(reservations.map(({ port }) => port).filter(isInRange));
  const busy = [...busyPorts].filter((port) => isInRange(port) && !used.has(port));
  const counts = {
    total: end - start,
    used: used.size,
    busy: busy.length,
    free: end - start - used.size - busy.length,
  };
  return Object.entries(counts).map(([state, value]): Level => ({ name: 'ports', labels: { state }, value }));
}

function reportLevels({ monitor, worker, advertiser }: RecordedState): Level[] {
  const fresh = { monitor, 'vm-worker': worker, advertiser };
  const isUp = worker?.isFresh === true && worker.report.healthy;
  return [
    ...Object.entries(fresh).map(([reporter, state]): Level => ({
      name: 'report_fresh',
      labels: { reporter },
      value: state?.isFresh === true ? 1 : 0,
    })),
    { name: 'hypervisor_up', labels: {}, value: isUp ? 1 : 0 },
  ];
}

function advertisementLevels(advertiser: RecordedState['advertiser']): Level[] {
  const { status: current, last_success_at: last } = advertiser?.report.advertisement ?? {
    status: 'pending',
    last_success_at: null,
  };
  return [
    ...ADVERTISEMENT_STATUSES.map((status): Level => ({
      name: 'advertisement_status',
      labels: { status },
      value: status === current ? 1 : 0,
    })),
    ...(last === null
      ? []
      : [
          {
            name: 'advertisement_last_success_timestamp_seconds',
            labels: {},
            value: Date.parse(last) / 1000,
          } as const,
        ]),
  ];
}

function operationLevels(operations: readonly Operation[]): Level[] {
  return [...countBy(operations, ({ kind, status }) => `${kind} ${status}`)].map(([key, value]): Level => {
    const [kind = '', status = ''] = key.split(' ');
    return { name: 'operations_pending', labels: { kind, status }, value };
  });
}

/** The levels that the records tell of. What nobody has reported yet is left out, not told as zero. */
export function hostLevels(state: RecordedState, settings: SellingSettings): Level[] {
  const { accepting, reasons } = providerResources(state, settings);
  const sample = state.monitor?.report;
  return [
    { name: 'accepting', labels: {}, value: accepting ? 1 : 0 },
    { name: 'draining', labels: {}, value: state.isDraining ? 1 : 0 },
    ...[...new Set(reasons.map(({ code }) => code))].map((reason): Level => ({
      name: 'refusal_reason',
      labels: { reason },
      value: 1,
    })),
    ...vmLevels(state.vms, settings.MAX_VMS),
    ...(sample === undefined ? [] : [...capacityLevels(sample, state.reservations), ...loadLevels(sample)]),
    ...portLevels(state, settings),
    ...reportLevels(state),
    ...advertisementLevels(state.advertiser),
    ...operationLevels(state.pendingOperations),
    ...Object.entries(state.jobs).map(([job, value]): Level => ({ name: 'queue_jobs', labels: { state: job }, value })),
  ];
}
