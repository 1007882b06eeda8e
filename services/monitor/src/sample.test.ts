import { describe, expect, it } from '@jest/globals';
import { BYTES_PER_GIB, HostSample } from '@golem-provider/contracts';
import { type HostReading, initialState, takeSample, totalOf } from './sample.ts';

const GIB = BYTES_PER_GIB;
const THRESHOLDS = { cpu: 90, memory: 85, storage: 90 };
const READING: HostReading = {
  cores: 8,
  cpuPercent: 12.34,
  memory: { totalBytes: 23.4 * GIB, usedBytes: 11.7 * GIB },
  storage: { totalBytes: 200.9 * GIB, usedBytes: 20.09 * GIB },
  hostname: 'host',
  platform: 'x86_64',
};

describe('totalOf', () => {
  it.each([
    { name: 'a 24 GB machine', cores: 8, memory: 23.4, storage: 200.9, total: [8, 23, 200] },
    { name: 'whole numbers', cores: 2, memory: 4, storage: 40, total: [2, 4, 40] },
    { name: 'half a core', cores: 0.5, memory: 0.9, storage: 0.9, total: [0, 0, 0] },
    { name: 'a core and a half', cores: 1.5, memory: 1, storage: 1, total: [1, 1, 1] },
  ])('rounds $name down', ({ cores, memory, storage, total }) => {
    const reading = {
      cores,
      memory: { totalBytes: memory * GIB, usedBytes: 0 },
      storage: { totalBytes: storage * GIB, usedBytes: 0 },
    };
    expect(Object.values(totalOf(reading))).toEqual(total);
  });
});

describe('takeSample', () => {
  it('says what there is, what may be sold and what is used', () => {
    const { sample } = takeSample(initialState(undefined), READING, THRESHOLDS, Date.UTC(2026, 0, 1));

    expect(HostSample.parse(sample)).toEqual({
      sampled_at: '2026-01-01T00:00:00.000Z',
      total: { cpu_cores: 8, memory_gb: 23, storage_gb: 200 },
      sellable: { cpu_cores: 8, memory_gb: 20, storage_gb: 180 },
      usage_percent: { cpu: 12.3, memory: 50, storage: 10 },
      thresholds: THRESHOLDS,
      breaches: [],
      hostname: 'host',
      platform: 'x86_64',
    });
  });

  it('judges the CPU by its mean, so that one busy moment of a calm host closes nothing', () => {
    let state = initialState(undefined);
    const breaches = [0, 0, 0, 100, 100, 100, 0].map((cpuPercent, index) => {
      const taken = takeSample(state, { ...READING, cpuPercent }, THRESHOLDS, index * 5000);
      state = taken.state;
      return taken.sample.breaches.length;
    });
    expect(breaches).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('keeps a dimension closed across a restart of the monitor', () => {
    const state = initialState({ breaches: [{ dimension: 'storage', value: 95, limit: 90 }] });
    const { sample } = takeSample(state, READING, THRESHOLDS, 0);
    expect(sample.breaches).toEqual([{ dimension: 'storage', value: 10, limit: 90 }]);
  });

  it('counts a file system without any room as full', () => {
    const reading = { ...READING, storage: { totalBytes: 0, usedBytes: 0 } };
    expect(takeSample(initialState(undefined), reading, THRESHOLDS, 0).sample.usage_percent.storage).toBe(100);
  });
});
