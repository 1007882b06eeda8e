import { BYTES_PER_GIB, DEFAULT_SELLING_RULE } from '@golem-provider/contracts';
import type { HostReading, SampleRules } from '../sample.ts';

/** The rules of the default settings. */
export const DEFAULT_RULES: SampleRules = {
  thresholds: { cpu: 90, memory: 85, storage: 90 },
  hysteresis: { closeAfterSamples: 3, marginPoints: 5, openAfterMs: 60_000 },
  selling: DEFAULT_SELLING_RULE,
  loadWindow: 6,
};

/** A look at a calm machine of 4 cores, 16 and 100 GiB, on which VMs have written nothing. */
export function hostReading(change: Partial<HostReading> = {}): HostReading {
  return {
    cores: 4,
    cpuPercent: 10,
    memory: { totalBytes: 16 * BYTES_PER_GIB, usedBytes: 4 * BYTES_PER_GIB },
    storage: { totalBytes: 100 * BYTES_PER_GIB, usedBytes: 10 * BYTES_PER_GIB },
    vmBytes: new Map(),
    hostname: 'host',
    platform: 'x86_64',
    basis: { cpu: 'machine', memory: 'machine', storage_path: '/vms', vm_files: 'counted' },
    ...change,
  };
}
