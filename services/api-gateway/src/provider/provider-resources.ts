import {
  capacityOf,
  type HostSample,
  NO_RESOURCES,
  type ProviderResources,
  type RefusalReason,
  type Reservation,
  type Resources,
  type Settings,
  sumReservations,
  type VmSpec,
  type WorkerReport,
} from '@golem-provider/contracts';
import { explainRefusal, type Refusal, type ReportState } from '@golem-provider/store';

/** The settings that decide what is sold. */
export type SellingSettings = Pick<
  Settings,
  | 'MAX_VMS'
  | 'MIN_CPU_CORES'
  | 'MIN_MEMORY_GB'
  | 'MIN_STORAGE_GB'
  | 'CPU_THRESHOLD'
  | 'MEMORY_THRESHOLD'
  | 'STORAGE_THRESHOLD'
  | 'PORT_RANGE_START'
  | 'PORT_RANGE_END'
>;

/** Everything that admission looks at. */
export interface HostState {
  readonly worker: ReportState<WorkerReport> | undefined;
  readonly monitor: ReportState<HostSample> | undefined;
  readonly reservations: readonly Reservation[];
  readonly busyPorts: ReadonlySet<number>;
  readonly isDraining: boolean;
}

function workerRefusals(worker: HostState['worker']): Refusal[] {
  if (worker?.isFresh !== true) return [{ refused: 'WORKER_UNAVAILABLE' }];
  const { healthy, reason } = worker.report;
  if (healthy) return [];
  return [{ refused: 'HYPERVISOR_UNAVAILABLE', ...(reason !== null && { reason }) }];
}

function loadRefusals(monitor: HostState['monitor']): Refusal[] {
  if (monitor?.isFresh !== true) return [{ refused: 'SAMPLES_STALE' }];
  const { breaches } = monitor.report;
  return breaches.length === 0 ? [] : [{ refused: 'THRESHOLD_EXCEEDED', breaches }];
}

function resourceRefusals(smallest: VmSpec, available: Resources): Refusal[] {
  return (['cpu_cores', 'memory_gb', 'storage_gb'] as const)
    .filter((dimension) => smallest[dimension] > available[dimension])
    .map((dimension) => ({
      refused: 'RESOURCES_EXHAUSTED',
      dimension,
      available: available[dimension],
      wanted: smallest[dimension],
    }));
}

function hasFreePort({ reservations, busyPorts }: HostState, start: number, end: number): boolean {
  const taken = new Set([...reservations.map(({ port }) => port), ...busyPorts]);
  const takenInRange = [...taken].filter((port) => port >= start && port < end);
  return takenInRange.length < end - start;
}

/** What there is, what is held, what is free, and every reason for which the smallest VM would be refused now. */
export function providerResources(state: HostState, settings: SellingSettings): ProviderResources {
  const { worker, monitor, reservations } = state;
  const sample = monitor?.report;
  const smallest = {
    cpu_cores: settings.MIN_CPU_CORES,
    memory_gb: settings.MIN_MEMORY_GB,
    storage_gb: settings.MIN_STORAGE_GB,
  };
  const capacity =
    sample === undefined
      ? {
          total: null,
          cpu_overcommit: null,
          host_reserve: null,
          reserved: sumReservations(reservations),
          available: NO_RESOURCES,
        }
      : capacityOf(sample, reservations);
  const refusals: Refusal[] = [
    ...(state.isDraining ? [{ refused: 'DRAINING' as const }] : []),
    ...workerRefusals(worker),
    ...loadRefusals(monitor),
    ...(reservations.length >= settings.MAX_VMS
      ? [{ refused: 'MAX_VMS_REACHED' as const, max_vms: settings.MAX_VMS }]
      : []),
    // Without a sample nothing is known of what is free; that reason stands above.
    ...(sample === undefined ? [] : resourceRefusals(smallest, capacity.available)),
    ...(hasFreePort(state, settings.PORT_RANGE_START, settings.PORT_RANGE_END)
      ? []
      : [{ refused: 'PORTS_EXHAUSTED' as const }]),
  ];
  const reasons: RefusalReason[] = refusals.map((refusal) => explainRefusal(refusal));
  return {
    ...capacity,
    usage_percent: sample?.usage_percent ?? null,
    thresholds: {
      cpu: settings.CPU_THRESHOLD,
      memory: settings.MEMORY_THRESHOLD,
      storage: settings.STORAGE_THRESHOLD,
    },
    accepting: reasons.length === 0,
    reasons,
  };
}
