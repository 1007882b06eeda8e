import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { eachAtMost } from './at-most.ts';

const NUMBERS = Array.from({ length: 20 }, (_, index) => index);

describe('eachAtMost', () => {
  it('does all, and never more at once than it may', async () => {
    const done: number[] = [];
    let [now, most] = [0, 0];
    await eachAtMost(3, NUMBERS, async (number) => {
      now += 1;
      most = Math.max(most, now);
      await turn();
      now -= 1;
      done.push(number);
    });
    expect(done).toEqual(NUMBERS);
    expect(most).toBe(3);
  });

  it('begins no more after a failure, and ends when nothing is under way', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const all = eachAtMost(2, NUMBERS, async (number) => {
      begun.push(number);
      if (number === 2) throw new Error('the third');
      await turn();
      ended.push(number);
    });
    await expect(all).rejects.toThrow('the third');
    expect(begun.length).toBeLessThan(6);
    expect(ended).toEqual(begun.filter((number) => number !== 2));
  });

  it('begins no more once it is told to stop', async () => {
    const stopping = new AbortController();
    const begun: number[] = [];
    const all = eachAtMost(
      2,
      NUMBERS,
      async (number) => {
        begun.push(number);
        await turn();
        if (number === 3) stopping.abort(new Error('enough'));
      },
      stopping.signal,
    );
    await expect(all).rejects.toThrow('enough');
    expect(begun.length).toBeLessThan(7);
  });
});
