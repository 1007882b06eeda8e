import { describe, expect, it } from '@jest/globals';
import { type CpuCounters, cpuPercent, meanLoad, pushLoad } from './cpu-load.ts';

const counters = (atMs: number, busy: number, total: number, group?: CpuCounters['group']): CpuCounters => ({
  atMs,
  busy,
  total,
  group,
});

describe('cpuPercent', () => {
  it.each([
    { name: 'an idle machine', before: counters(0, 500, 1000), after: counters(1000, 500, 3000), load: 0 },
    { name: 'half a load', before: counters(0, 500, 1000), after: counters(1000, 1500, 3000), load: 50 },
    { name: 'a full load', before: counters(0, 0, 0), after: counters(1000, 2000, 2000), load: 100 },
    { name: 'no time passed', before: counters(0, 5, 10), after: counters(0, 5, 10), load: 0 },
    {
      name: 'counters that fell when a core was taken away',
      before: counters(0, 900, 1000),
      after: counters(1, 100, 500),
      load: 0,
    },
    {
      name: 'a container at its quota on an idle machine',
      before: counters(0, 0, 0, { usedMs: 0, quotaCores: 2 }),
      after: counters(1000, 2000, 64_000, { usedMs: 2000, quotaCores: 2 }),
      load: 100,
    },
    {
      name: 'an idle container on a busy machine',
      before: counters(0, 0, 0, { usedMs: 0, quotaCores: 2 }),
      after: counters(1000, 60_000, 80_000, { usedMs: 100, quotaCores: 2 }),
      load: 75,
    },
  ])('of $name is $load', ({ before, after, load }) => {
    expect(cpuPercent(before, after)).toBeCloseTo(load);
  });
});

describe('the mean load', () => {
  it('is that of the loads there are until the window is full, and then of the last ones', () => {
    let loads: readonly number[] = [];
    const means = [100, 0, 50, 100, 0].map((load) => {
      loads = pushLoad(loads, load, 3);
      return meanLoad(loads);
    });
    expect(means).toEqual([100, 50, 50, 50, 50]);
    expect(loads).toEqual([50, 100, 0]);
  });

  it('of nothing is zero', () => {
    expect(meanLoad([])).toBe(0);
  });
});
