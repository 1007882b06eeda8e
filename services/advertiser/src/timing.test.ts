import { describe, expect, it } from '@jest/globals';
import { BACKOFF, CALL_DEADLINE_MS, DEBOUNCE_MS, LOOK_MS, POLL_MS } from './timing.ts';

const TEN_SECONDS = 10_000;
const CALLS_PER_MINUTE = 100;

describe('the times of the advertiser', () => {
  it('bring an advertisement back within ten seconds of a recovery', () => {
    // A call that hangs in a service that has just recovered, and the longest wait after it.
    expect(CALL_DEADLINE_MS + BACKOFF.maxMs).toBeLessThan(TEN_SECONDS);
    // A service that lost its memory just after a look.
    expect(LOOK_MS + POLL_MS).toBeLessThan(TEN_SECONDS);
  });

  it('tell of a change within five seconds, or ten where the call before it has to be waited for', () => {
    expect(Math.max(POLL_MS, DEBOUNCE_MS)).toBeLessThan(5000);
    expect(POLL_MS + CALL_DEADLINE_MS).toBeLessThan(TEN_SECONDS);
  });

  it('leave room for others behind the same address: a service takes a hundred calls a minute of each', () => {
    const looks = 60_000 / LOOK_MS;
    // Half of the wait is left to chance.
    const tries = 60_000 / (BACKOFF.maxMs / 2);
    expect(Math.max(looks, tries)).toBeLessThan(CALLS_PER_MINUTE / 2);
  });
});
