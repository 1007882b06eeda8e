import {
  BYTES_PER_GIB,
  hostReserve,
  type HostSample,
  type Reservation,
  type Resources,
  type SampleBasis,
  sellable,
  type SellingRule,
  toTimestamp,
  type UsagePercent,
  type VmId,
} from '@golem-provider/contracts';
import { meanLoad, pushLoad } from './cpu-load.ts';
import { breachesOf, type Gates, type Hysteresis, initialGates, nextGates } from './thresholds.ts';

/** How much there is of something, and how much of that is taken; bytes. */
export interface Amount {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

/** One look at the machine. */
export interface HostReading {
  /** May be a fraction where a container is given a part of a core. */
  readonly cores: number;
  /** Load since the look before. */
  readonly cpuPercent: number;
  readonly memory: Amount;
  readonly storage: Amount;
  /** What the files of each VM take of the storage. */
  readonly vmBytes: ReadonlyMap<VmId, number>;
  readonly hostname: string;
  readonly platform: string;
  readonly basis: SampleBasis;
}

/** What turns a look into a sample. */
export interface SampleRules {
  readonly thresholds: UsagePercent;
  readonly hysteresis: Hysteresis;
  readonly selling: SellingRule;
  /** How many loads the mean takes in. */
  readonly loadWindow: number;
}

/** When a look was taken: by the calendar, and by a clock that is never set. */
export interface Moment {
  readonly nowMs: number;
  readonly elapsedMs: number;
}

/** What a monitor carries from one sample to the next. */
export interface MonitorState {
  readonly loads: readonly number[];
  readonly gates: Gates;
}

/** The state of a monitor that starts, after the last sample of its predecessor if there is one. */
export function initialState(previous: Pick<HostSample, 'breaches'> | undefined): MonitorState {
  return { loads: [], gates: initialGates(previous?.breaches ?? []) };
}

/** Whole units, rounded down: what is sold is really there. A machine of 24 GB that reports 23.4 GiB has 23. */
export function totalOf(reading: Pick<HostReading, 'cores' | 'memory' | 'storage'>): Resources {
  return {
    cpu_cores: Math.floor(reading.cores),
    memory_gb: Math.floor(reading.memory.totalBytes / BYTES_PER_GIB),
    storage_gb: Math.floor(reading.storage.totalBytes / BYTES_PER_GIB),
  };
}

/** Percent with one decimal, 0 to 100. Nothing of nothing is full. */
function usedPercent({ totalBytes, usedBytes }: Amount): number {
  return totalBytes > 0 ? roundPercent((usedBytes / totalBytes) * 100) : 100;
}

function roundPercent(value: number): number {
  return Math.min(100, Math.max(0, Math.round(value * 10) / 10));
}

/**
 * What all VMs together may hold. Of storage that is what they have written and what is really free, less the reserve: files
 * of others shrink it, what VMs write into their own disks does not. No VM counts for more than it holds.
 */
function sellableOf(
  total: Resources,
  { storage, vmBytes }: Pick<HostReading, 'storage' | 'vmBytes'>,
  reservations: ReadonlyMap<VmId, Reservation>,
  rule: SellingRule,
): Resources {
  const own = [...vmBytes].reduce(
    (sum, [id, bytes]) => sum + Math.min(bytes, (reservations.get(id)?.storage_gb ?? 0) * BYTES_PER_GIB),
    0,
  );
  const reach = Math.floor((own + storage.totalBytes - storage.usedBytes) / BYTES_PER_GIB);
  const most = sellable(total, rule);
  const storage_gb = Math.max(0, Math.min(most.storage_gb, reach - hostReserve(total, rule).storage_gb));
  return { ...most, storage_gb };
}

/** The sample of one more look, and the state after it. `reservations`: what VMs hold. Pure. */
export function takeSample(
  state: MonitorState,
  reading: HostReading,
  reservations: ReadonlyMap<VmId, Reservation>,
  rules: SampleRules,
  { nowMs, elapsedMs }: Moment,
): { readonly state: MonitorState; readonly sample: HostSample } {
  const { thresholds, hysteresis, selling, loadWindow } = rules;
  const loads = pushLoad(state.loads, reading.cpuPercent, loadWindow);
  const usage: UsagePercent = {
    cpu: roundPercent(meanLoad(loads)),
    memory: usedPercent(reading.memory),
    storage: usedPercent(reading.storage),
  };
  const gates = nextGates(state.gates, usage, thresholds, elapsedMs, hysteresis);
  const total = totalOf(reading);
  return {
    state: { loads, gates },
    sample: {
      sampled_at: toTimestamp(nowMs),
      total,
      cpu_overcommit: selling.cpuOvercommit,
      sellable: sellableOf(total, reading, reservations, selling),
      usage_percent: usage,
      thresholds,
      breaches: breachesOf(gates, usage, thresholds),
      hostname: reading.hostname,
      platform: reading.platform,
      basis: reading.basis,
    },
  };
}
