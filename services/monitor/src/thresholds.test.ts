import { describe, expect, it } from '@jest/globals';
import { breachesOf, type Gate, type Hysteresis, initialGates, nextGate, nextGates } from './thresholds.ts';

const SECOND = 1000;
const RULE: Hysteresis = { closeAfterSamples: 3, marginPoints: 5, openAfterMs: 60_000 };
const open = (samplesOver: number): Gate => ({ isClosed: false, samplesOver });
const closed = (underSinceMs: number | null): Gate => ({ isClosed: true, underSinceMs });

/** Runs samples of `[second, value]` through one gate and tells after each whether it is closed. */
function run(samples: readonly (readonly [number, number])[], limit: number, gate: Gate = open(0)): string {
  const seen = samples.map(([second, value]) => {
    gate = nextGate(gate, value, limit, second * SECOND, RULE);
    return gate.isClosed ? 'x' : '.';
  });
  return seen.join('');
}

describe('nextGate', () => {
  it.each([
    { name: 'stays open under the limit', limit: 90, values: [10, 80, 89.9, 90], seen: '....' },
    {
      name: 'closes with the third sample over the limit in a row',
      limit: 90,
      values: [91, 99, 90.1, 91],
      seen: '..xx',
    },
    { name: 'is not closed by single peaks', limit: 90, values: [99, 99, 50, 99, 99, 90, 99, 99], seen: '........' },
    { name: 'is never closed where the limit is 100 %', limit: 100, values: [100, 100, 100, 100], seen: '....' },
  ])('$name', ({ limit, values, seen }) => {
    expect(
      run(
        values.map((value, index) => [index * 5, value]),
        limit,
      ),
    ).toBe(seen);
  });

  it.each([
    {
      name: 'opens after 60 s at 5 points under',
      limit: 90,
      samples: [
        [0, 85],
        [30, 80],
        [59, 85],
        [60, 85],
        [65, 85],
      ],
      seen: 'xxx..',
    },
    {
      name: 'stays closed between the limit and 5 points under',
      limit: 90,
      samples: [
        [0, 86],
        [60, 86],
        [120, 89],
      ],
      seen: 'xxx',
    },
    {
      name: 'begins to count again after a sample that is not under',
      limit: 90,
      samples: [
        [0, 50],
        [55, 86],
        [60, 50],
        [115, 50],
        [120, 50],
      ],
      seen: 'xxxx.',
    },
    {
      name: 'opens by one sample alone where samples are rarer than the 60 s',
      limit: 90,
      samples: [
        [0, 50],
        [300, 50],
      ],
      seen: 'x.',
    },
    {
      name: 'opens with a limit that is lower than the margin',
      limit: 4,
      samples: [
        [0, 2],
        [60, 1.9],
      ],
      seen: 'x.',
    },
  ] as const)('$name', ({ limit, samples, seen }) => {
    expect(run(samples, limit, closed(null))).toBe(seen);
  });

  it('needs three samples again after it has opened', () => {
    expect(nextGate(closed(0), 10, 90, RULE.openAfterMs, RULE)).toEqual(open(0));
  });

  it.each([
    { rule: { closeAfterSamples: 1, marginPoints: 5, openAfterMs: 60_000 }, values: [91, 50, 50], seen: 'xxx' },
    { rule: { closeAfterSamples: 3, marginPoints: 20, openAfterMs: 0 }, values: [91, 91, 91, 71, 70], seen: '..xx.' },
    { rule: { closeAfterSamples: 1, marginPoints: 0, openAfterMs: 5000 }, values: [91, 90, 90], seen: 'xx.' },
  ])('goes by the rule $rule', ({ rule, values, seen }) => {
    let gate = open(0);
    const states = values.map((value, index) => {
      gate = nextGate(gate, value, 90, index * 5 * SECOND, rule);
      return gate.isClosed ? 'x' : '.';
    });
    expect(states.join('')).toBe(seen);
  });
});

describe('gates', () => {
  const limits = { cpu: 90, memory: 85, storage: 90 };

  it('closes each dimension by itself and reports it with its value and limit', () => {
    const usage = { cpu: 95, memory: 86, storage: 10 };
    let gates = initialGates([]);
    for (const second of [0, 5, 10]) gates = nextGates(gates, usage, limits, second * SECOND, RULE);

    expect(breachesOf(gates, usage, limits)).toEqual([
      { dimension: 'cpu', value: 95, limit: 90 },
      { dimension: 'memory', value: 86, limit: 85 },
    ]);
  });

  it('keeps what the predecessor had closed', () => {
    const gates = initialGates([{ dimension: 'memory', value: 90, limit: 85 }]);
    const usage = { cpu: 1, memory: 20, storage: 1 };

    expect(breachesOf(nextGates(gates, usage, limits, 0, RULE), usage, limits)).toEqual([
      { dimension: 'memory', value: 20, limit: 85 },
    ]);
  });
});
