import { describe, expect, it } from '@jest/globals';
import { countDeaths, restartDelayMs } from './backoff.ts';

describe('restartDelayMs', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [6, 16_000],
    [7, 30_000],
    [1000, 30_000],
  ])('waits after death %i in a row for %i ms', (deaths, delayMs) => {
    expect(restartDelayMs(deaths)).toBe(delayMs);
  });
});

describe('countDeaths', () => {
  it.each([
    ['counts on after a short run', 3, 59_999, 4],
    ['begins anew after a minute of health', 3, 60_000, 1],
    ['counts the first death', 0, 5, 1],
  ])('%s', (_guarantee, before, ranMs, after) => {
    expect(countDeaths(before, ranMs)).toBe(after);
  });
});
