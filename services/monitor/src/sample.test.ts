import { describe, expect, it } from '@jest/globals';
import { BYTES_PER_GIB, HostSample, parseSettings, type Reservation, VmId } from '@golem-provider/contracts';
import { initialState, type Moment, type SampleRules, takeSample, totalOf } from './sample.ts';
import { sampleRules } from './sample-rules.ts';
import { DEFAULT_RULES, hostReading } from './testing/readings.ts';

const GIB = BYTES_PER_GIB;
const NOW: Moment = { nowMs: Date.UTC(2026, 0, 1), elapsedMs: 0 };
const NOTHING_HELD = new Map<VmId, Reservation>();
const READING = hostReading({
  cores: 8,
  cpuPercent: 12.34,
  memory: { totalBytes: 23.4 * GIB, usedBytes: 11.7 * GIB },
  storage: { totalBytes: 200.9 * GIB, usedBytes: 20.09 * GIB },
});

function vm(second: number): VmId {
  return VmId.parse(`golem-web-20260101-00000${second}`);
}
function holding(storage_gb: number): Reservation {
  return { cpu_cores: 1, memory_gb: 1, storage_gb, port: 50_800 };
}
function settingsRules(environment: Record<string, string>): SampleRules {
  const result = parseSettings(environment);
  if (!result.ok) throw new Error(result.problems.join());
  return sampleRules(result.settings);
}

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
    const { sample } = takeSample(initialState(undefined), READING, NOTHING_HELD, DEFAULT_RULES, NOW);

    expect(HostSample.parse(sample)).toEqual({
      sampled_at: '2026-01-01T00:00:00.000Z',
      total: { cpu_cores: 8, memory_gb: 23, storage_gb: 200 },
      cpu_overcommit: 1,
      // 180 GiB are free, of which 10 % of the total stay so.
      sellable: { cpu_cores: 8, memory_gb: 20, storage_gb: 160 },
      usage_percent: { cpu: 12.3, memory: 50, storage: 10 },
      thresholds: { cpu: 90, memory: 85, storage: 90 },
      breaches: [],
      hostname: 'host',
      platform: 'x86_64',
      basis: READING.basis,
    });
  });

  it.each([
    { name: 'an empty disk', used: 0, vms: [], sellable: 90 },
    { name: 'files of others', used: 30, vms: [], sellable: 60 },
    { name: 'what VMs have written', used: 30, vms: [{ bytes: 30, held: 40 }], sellable: 90 },
    { name: 'both', used: 50, vms: [{ bytes: 20, held: 20 }], sellable: 60 },
    { name: 'what a VM has written beyond what it holds', used: 30, vms: [{ bytes: 30, held: 10 }], sellable: 70 },
    { name: 'files of a VM that holds nothing', used: 30, vms: [{ bytes: 30, held: undefined }], sellable: 60 },
    { name: 'a disk that others have filled into the reserve', used: 95, vms: [], sellable: 0 },
  ])('sells storage less the reserve, beside $name', ({ used, vms, sellable }) => {
    const reading = hostReading({
      storage: { totalBytes: 100 * GIB, usedBytes: used * GIB },
      vmBytes: new Map(vms.map(({ bytes }, index) => [vm(index), bytes * GIB])),
    });
    const held = new Map(
      vms.flatMap((one, index) => (one.held === undefined ? [] : [[vm(index), holding(one.held)] as const])),
    );
    const { sample } = takeSample(initialState(undefined), reading, held, DEFAULT_RULES, NOW);
    expect(sample.sellable.storage_gb).toBe(sellable);
  });

  it.each<[string, Record<string, string>, number[]]>([
    ['its defaults', {}, [4, 14, 80]],
    ['more memory kept', { HOST_RESERVE_MEMORY_GB: '6' }, [4, 10, 80]],
    ['more storage kept', { HOST_RESERVE_STORAGE_GB: '50' }, [4, 14, 40]],
    ['a greater share kept', { HOST_RESERVE_PERCENT: '50' }, [4, 8, 40]],
    ['nothing kept but what is told', { HOST_RESERVE_PERCENT: '0', HOST_RESERVE_MEMORY_GB: '0' }, [4, 16, 80]],
    ['cores sold twice', { CPU_OVERCOMMIT: '2' }, [8, 14, 80]],
    ['cores sold by halves', { CPU_OVERCOMMIT: '0.4' }, [1, 14, 80]],
  ])('sells by the settings: %s', (_, settings, sellable) => {
    const rules = settingsRules(
      Object.fromEntries(Object.entries(settings).map(([name, value]) => [`GOLEM_PROVIDER_${name}`, value])),
    );
    const { sample } = takeSample(initialState(undefined), hostReading(), NOTHING_HELD, rules, NOW);
    expect(Object.values(sample.sellable)).toEqual(sellable);
  });

  it('judges the CPU by its mean, so that one busy moment of a calm host closes nothing', () => {
    let state = initialState(undefined);
    const breaches = [0, 0, 0, 100, 100, 100, 0].map((cpuPercent, index) => {
      const moment = { nowMs: index * 5000, elapsedMs: index * 5000 };
      const taken = takeSample(state, { ...READING, cpuPercent }, NOTHING_HELD, DEFAULT_RULES, moment);
      state = taken.state;
      return taken.sample.breaches.length;
    });
    expect(breaches).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('opens by the time that has passed, whatever the calendar says', () => {
    let state = initialState({ breaches: [{ dimension: 'storage', value: 95, limit: 90 }] });
    const closed = [
      { nowMs: 1_000_000, elapsedMs: 0 },
      { nowMs: 9_000_000, elapsedMs: 30_000 },
      { nowMs: 0, elapsedMs: 60_000 },
    ].map((moment) => {
      const taken = takeSample(state, READING, NOTHING_HELD, DEFAULT_RULES, moment);
      state = taken.state;
      return taken.sample.breaches.length;
    });
    expect(closed).toEqual([1, 1, 0]);
  });

  it('keeps a dimension closed across a restart of the monitor', () => {
    const state = initialState({ breaches: [{ dimension: 'storage', value: 95, limit: 90 }] });
    const { sample } = takeSample(state, READING, NOTHING_HELD, DEFAULT_RULES, NOW);
    expect(sample.breaches).toEqual([{ dimension: 'storage', value: 10, limit: 90 }]);
  });

  it('counts a file system without any room as full', () => {
    const reading = { ...READING, storage: { totalBytes: 0, usedBytes: 0 } };
    const { sample } = takeSample(initialState(undefined), reading, NOTHING_HELD, DEFAULT_RULES, NOW);
    expect(sample.usage_percent.storage).toBe(100);
    expect(sample.sellable.storage_gb).toBe(0);
  });
});

describe('sampleRules', () => {
  it.each([
    [{}, 6],
    [{ GOLEM_PROVIDER_SAMPLE_INTERVAL: '10' }, 3],
    [{ GOLEM_PROVIDER_SAMPLE_INTERVAL: '60' }, 1],
    [{ GOLEM_PROVIDER_CPU_WINDOW: '5' }, 1],
  ])('averages the load over the window by %j: %d samples', (environment: Record<string, string>, samples) => {
    expect(settingsRules(environment).loadWindow).toBe(samples);
  });

  it('is the default where nothing is set', () => {
    expect(settingsRules({})).toEqual(DEFAULT_RULES);
  });
});
