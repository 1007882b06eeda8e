import {
  BYTES_PER_GIB,
  type HostSample,
  type Resources,
  sellable,
  type Settings,
  toTimestamp,
  type UsagePercent,
} from '@golem-provider/contracts';
import { meanLoad, pushLoad } from './cpu-load.ts';
import { breachesOf, type Gates, initialGates, nextGates } from './thresholds.ts';

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
  readonly hostname: string;
  readonly platform: string;
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

/** The limits that the settings give. */
export function thresholdsOf(
  settings: Pick<Settings, 'CPU_THRESHOLD' | 'MEMORY_THRESHOLD' | 'STORAGE_THRESHOLD'>,
): UsagePercent {
  return { cpu: settings.CPU_THRESHOLD, memory: settings.MEMORY_THRESHOLD, storage: settings.STORAGE_THRESHOLD };
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

/** The sample of one more look, and the state after it. Pure. */
export function takeSample(
  state: MonitorState,
  reading: HostReading,
  thresholds: UsagePercent,
  nowMs: number,
): { readonly state: MonitorState; readonly sample: HostSample } {
  const loads = pushLoad(state.loads, reading.cpuPercent);
  const usage: UsagePercent = {
    cpu: roundPercent(meanLoad(loads)),
    memory: usedPercent(reading.memory),
    storage: usedPercent(reading.storage),
  };
  const gates = nextGates(state.gates, usage, thresholds, nowMs);
  const total = totalOf(reading);
  return {
    state: { loads, gates },
    sample: {
      sampled_at: toTimestamp(nowMs),
      total,
      sellable: sellable(total),
      usage_percent: usage,
      thresholds,
      breaches: breachesOf(gates, usage, thresholds),
      hostname: reading.hostname,
      platform: reading.platform,
    },
  };
}
