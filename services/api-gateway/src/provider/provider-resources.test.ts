import { describe, expect, it } from '@jest/globals';
import { hostSample, workerReport } from '@golem-provider/testing';
import { type HostState, providerResources } from './provider-resources.ts';

const SETTINGS = {
  MAX_VMS: 3,
  MIN_CPU_CORES: 1,
  MIN_MEMORY_GB: 1,
  MIN_STORAGE_GB: 10,
  CPU_THRESHOLD: 90,
  MEMORY_THRESHOLD: 85,
  STORAGE_THRESHOLD: 90,
  PORT_RANGE_START: 50_800,
  PORT_RANGE_END: 50_803,
};
const SMALL = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };

const WELL: HostState = {
  worker: { report: workerReport(), isFresh: true },
  monitor: { report: hostSample({ total: { cpu_cores: 4, memory_gb: 8, storage_gb: 100 } }), isFresh: true },
  reservations: [],
  busyPorts: new Set(),
  isDraining: false,
};

describe('providerResources', () => {
  it('accepts while all is well', () => {
    expect(providerResources(WELL, SETTINGS)).toMatchObject({ accepting: true, reasons: [] });
  });

  it.each<[string, Partial<HostState>, string[]]>([
    ['no worker ever reported', { worker: undefined }, ['WORKER_UNAVAILABLE']],
    ['the worker is silent', { worker: { report: workerReport(), isFresh: false } }, ['WORKER_UNAVAILABLE']],
    [
      'the hypervisor is away',
      { worker: { report: { ...workerReport(), healthy: false, reason: null }, isFresh: true } },
      ['HYPERVISOR_UNAVAILABLE'],
    ],
    ['nothing was sampled', { monitor: undefined }, ['SAMPLES_STALE']],
    ['the sample is old', { monitor: { report: hostSample(), isFresh: false } }, ['SAMPLES_STALE']],
    [
      'a limit is exceeded',
      {
        monitor: {
          report: { ...hostSample(), breaches: [{ dimension: 'memory', value: 91, limit: 85 }] },
          isFresh: true,
        },
      },
      ['THRESHOLD_EXCEEDED'],
    ],
    [
      'everything is sold',
      { reservations: [{ cpu_cores: 4, memory_gb: 7, storage_gb: 90, port: 50_800 }] },
      ['RESOURCES_EXHAUSTED', 'RESOURCES_EXHAUSTED', 'RESOURCES_EXHAUSTED'],
    ],
    [
      'there are as many VMs as there may be',
      { reservations: [1, 2, 3].map((port) => ({ ...SMALL, port })) },
      ['MAX_VMS_REACHED'],
    ],
    [
      'every port is held or busy',
      { reservations: [{ ...SMALL, port: 50_800 }], busyPorts: new Set([50_800, 50_801, 50_802, 22]) },
      ['PORTS_EXHAUSTED'],
    ],
    ['the operator drains the host', { isDraining: true }, ['DRAINING']],
    ['several at once', { worker: undefined, monitor: undefined }, ['WORKER_UNAVAILABLE', 'SAMPLES_STALE']],
  ])('names every reason when %s', (_, changes, codes) => {
    const resources = providerResources({ ...WELL, ...changes }, SETTINGS);

    expect(resources.accepting).toBe(false);
    expect(resources.reasons.map(({ code }) => code)).toEqual(codes);
    expect(resources.reasons.every(({ detail }) => detail.length > 0)).toBe(true);
  });

  it('adds up for a reader', () => {
    const resources = providerResources({ ...WELL, reservations: [{ ...SMALL, port: 50_800 }] }, SETTINGS);

    expect(resources).toMatchObject({
      total: { cpu_cores: 4, memory_gb: 8, storage_gb: 100 },
      cpu_overcommit: 1,
      host_reserve: { cpu_cores: 0, memory_gb: 1, storage_gb: 10 },
      reserved: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
      available: { cpu_cores: 3, memory_gb: 6, storage_gb: 80 },
    });
  });

  it('shows what is held, and knows of nothing free, before the host was looked at', () => {
    const state = { ...WELL, monitor: undefined, reservations: [{ ...SMALL, port: 50_800 }] };
    expect(providerResources(state, SETTINGS)).toMatchObject({
      total: null,
      host_reserve: null,
      usage_percent: null,
      reserved: SMALL,
      available: { cpu_cores: 0, memory_gb: 0, storage_gb: 0 },
    });
  });

  it('never says less than nothing is free', () => {
    const reservations = [{ cpu_cores: 40, memory_gb: 80, storage_gb: 1000, port: 50_800 }];
    expect(providerResources({ ...WELL, reservations }, SETTINGS).available).toEqual({
      cpu_cores: 0,
      memory_gb: 0,
      storage_gb: 0,
    });
  });
});
