import { describe, expect, it } from '@jest/globals';
import { quantile, summarise } from './statistics.ts';

describe('quantile', () => {
  it.each([
    [[5], 0.5, 5],
    [[1, 2, 3], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[0, 10], 0.95, 9.5],
    [[1, 2, 3], 1, 3],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBeCloseTo(expected);
  });
});

describe('summarise', () => {
  it('does not depend on the order and sees how far values lie apart', () => {
    expect(summarise([30, 10, 20])).toEqual({ median: 20, p95: 29, p99: 29.8, spread: 0.5, count: 3 });
    expect(summarise([7, 7, 7]).spread).toBe(0);
  });
});
