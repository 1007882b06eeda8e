import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 2000, maxMs: 240_000 };

describe('backoffMs', () => {
  it.each([
    { failures: 1, most: 2000 },
    { failures: 2, most: 4000 },
    { failures: 5, most: 32_000 },
    { failures: 8, most: 240_000 },
    { failures: 10_000, most: 240_000 },
  ])('waits between half of $most ms and all of it after $failures failures', ({ failures, most }) => {
    expect(backoffMs(BACKOFF, failures, 0)).toBe(most);
    expect(backoffMs(BACKOFF, failures, 0.5)).toBe(most * 0.75);
    expect(backoffMs(BACKOFF, failures, 0.999_999)).toBeCloseTo(most / 2, -1);
  });
});
