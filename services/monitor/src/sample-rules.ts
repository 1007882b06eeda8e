import type { Settings } from '@golem-provider/contracts';
import type { SampleRules } from './sample.ts';

/** The settings that the rules are made of. */
export type SampleSettings = Pick<
  Settings,
  | 'CPU_THRESHOLD'
  | 'MEMORY_THRESHOLD'
  | 'STORAGE_THRESHOLD'
  | 'THRESHOLD_CLOSE_SAMPLES'
  | 'THRESHOLD_MARGIN'
  | 'THRESHOLD_OPEN_SECONDS'
  | 'HOST_RESERVE_MEMORY_GB'
  | 'HOST_RESERVE_STORAGE_GB'
  | 'HOST_RESERVE_PERCENT'
  | 'CPU_OVERCOMMIT'
  | 'CPU_WINDOW'
  | 'SAMPLE_INTERVAL'
>;

/** The rules that the settings give. */
export function sampleRules(settings: SampleSettings): SampleRules {
  return {
    thresholds: { cpu: settings.CPU_THRESHOLD, memory: settings.MEMORY_THRESHOLD, storage: settings.STORAGE_THRESHOLD },
    hysteresis: {
      closeAfterSamples: settings.THRESHOLD_CLOSE_SAMPLES,
      marginPoints: settings.THRESHOLD_MARGIN,
      openAfterMs: settings.THRESHOLD_OPEN_SECONDS * 1000,
    },
    selling: {
      reserve: {
        memoryGb: settings.HOST_RESERVE_MEMORY_GB,
        storageGb: settings.HOST_RESERVE_STORAGE_GB,
        percent: settings.HOST_RESERVE_PERCENT,
      },
      cpuOvercommit: settings.CPU_OVERCOMMIT,
    },
    loadWindow: Math.max(1, Math.round(settings.CPU_WINDOW / settings.SAMPLE_INTERVAL)),
  };
}
