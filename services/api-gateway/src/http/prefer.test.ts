import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePrefer, planWait } from './prefer.ts';

describe('parsePrefer', () => {
  it.each([
    [undefined, false, undefined],
    ['', false, undefined],
    ['respond-async', true, undefined],
    ['Respond-Async', true, undefined],
    ['respond-async; foo=bar', true, undefined],
    ['wait=10', false, 10],
    ['wait = 10', false, 10],
    ['wait="10"', false, 10],
    ['respond-async, wait=10', true, 10],
    ['return=minimal, wait=3, handling=lenient', false, 3],
    ['wait=1, wait=2', false, 1],
    ['wait', false, undefined],
    ['wait=-1', false, undefined],
    ['wait=1.5', false, undefined],
    ['wait=1e3', false, undefined],
    ['wait=99999999999999999999', false, undefined],
    ['respond-asynchronously', false, undefined],
  ])('reads %j', (header, respondAsync, waitSeconds) => {
    expect(parsePrefer(header)).toEqual({ respondAsync, waitSeconds });
  });
});

describe('planWait', () => {
  it('is a wait within the limit, whatever is sent', () => {
    const word = fc.constantFrom('wait', 'respond-async', '=', ',', ';', '"', ' ', '1', '700');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        (prefer) => {
          const { waitMs, applied } = planWait(undefined, prefer, 600);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(600_000);
          expect(applied ?? 'wait=1').toMatch(/^(respond-async|respond-async, wait=\d+|wait=\d+)$/);
        },
      ),
    );
  });

  it.each([
    [undefined, undefined, 600_000, undefined],
    [true, undefined, 0, undefined],
    [true, 'wait=10', 0, undefined],
    [false, 'respond-async', 600_000, undefined],
    [undefined, 'respond-async', 0, 'respond-async'],
    [undefined, 'respond-async, wait=10', 10_000, 'respond-async, wait=10'],
    [undefined, 'wait=10', 10_000, 'wait=10'],
    [undefined, 'wait=0', 0, 'wait=0'],
    [undefined, 'wait=601', 600_000, undefined],
    [undefined, 'nonsense', 600_000, undefined],
  ])('async=%s with %j waits %d ms', (isAsync, prefer, waitMs, applied) => {
    expect(planWait(isAsync, prefer, 600)).toEqual({ waitMs, applied });
  });
});
