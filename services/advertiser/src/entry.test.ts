import { describe, expect, it } from '@jest/globals';
import { CountryCode } from '@golem-provider/contracts';
import type { Advertisement, Wish } from './advertisement.ts';
import {
  advertisementState,
  afterAdvertising,
  afterFailure,
  afterLook,
  afterWithdrawing,
  decide,
  type Entry,
  FIRST_ENTRY,
  holdMs,
  type Moment,
  type StepTiming,
} from './entry.ts';

const MINUTE = 60_000;
const INTERVAL = 4 * MINUTE;
const LOOK = 7000;
const TIMING: StepTiming = { intervalMs: INTERVAL, lookMs: LOOK };
const AT = '2026-01-01T00:00:00.000Z';
const moment = (elapsedMs: number): Moment => ({ elapsedMs, at: AT });
const AD: Advertisement = {
  ip_address: '203.0.113.7',
  country: CountryCode.parse('SE'),
  resources: { cpu: 4, memory: 8, storage: 80 },
};
const LESS: Advertisement = { ...AD, resources: { ...AD.resources, storage: 70 } };
const OFFER: Wish = { kind: 'offer', advertisement: AD, note: null };
const PAUSE: Wish = { kind: 'pause', reason: 'No.' };
const UNSURE: Wish = { kind: 'unsure', reason: 'Who knows.' };
const advertised: Entry = { published: AD, renewed: moment(0), seenMs: 0, failure: null };
const seenAt = (seenMs: number): Entry => ({ ...advertised, seenMs });
const withdrawn: Entry = { published: 'none', renewed: moment(0), seenMs: null, failure: null };
const failed = (count: number, waitMs: number): Entry => ({
  published: 'unknown',
  renewed: moment(0),
  seenMs: null,
  failure: { reason: 'Down.', count, sinceMs: MINUTE, waitMs },
});

describe('decide', () => {
  it.each<[string, Wish, Entry, number, string]>([
    ['advertises at its start', OFFER, FIRST_ENTRY, 0, 'advertise'],
    ['withdraws at its start what a predecessor may have left', PAUSE, FIRST_ENTRY, 0, 'withdraw'],
    ['does nothing at its start while it knows nothing', UNSURE, FIRST_ENTRY, 0, 'wait'],
    ['leaves an advertisement that is right and young', OFFER, seenAt(INTERVAL - 1), INTERVAL - 1, 'wait'],
    ['looks at it now and then', OFFER, advertised, LOOK, 'look'],
    ['looks at it again a while after the last look', OFFER, seenAt(LOOK), 2 * LOOK - 1, 'wait'],
    ['renews it after the interval, however lately it was seen', OFFER, seenAt(INTERVAL), INTERVAL, 'advertise'],
    ['advertises again what a look did not find', OFFER, afterLook(advertised, false, moment(1)), 1, 'advertise'],
    [
      'advertises at once when what is free has changed',
      { kind: 'offer', advertisement: LESS, note: null },
      advertised,
      1,
      'advertise',
    ],
    [
      'advertises at once when the address has changed',
      { kind: 'offer', advertisement: { ...AD, ip_address: '203.0.113.8' }, note: null },
      advertised,
      1,
      'advertise',
    ],
    ['withdraws when there is nothing to offer any more', PAUSE, advertised, 1, 'withdraw'],
    ['withdraws once', PAUSE, withdrawn, INTERVAL, 'wait'],
    ['advertises again after a pause', OFFER, withdrawn, 1, 'advertise'],
    ['leaves an advertisement while it does not know better', UNSURE, advertised, INTERVAL, 'wait'],
    ['waits after a failure', OFFER, failed(1, 1000), MINUTE + 999, 'wait'],
    ['tries again after the wait', OFFER, failed(1, 1000), MINUTE + 1000, 'advertise'],
    ['waits with a withdrawal too', PAUSE, failed(1, 1000), MINUTE, 'wait'],
    ['withdraws after the wait where nobody knows what is there', PAUSE, failed(1, 1000), MINUTE + 1000, 'withdraw'],
  ])('%s', (_, wish, entry, nowMs, step) => {
    expect(decide(wish, entry, nowMs, TIMING).kind).toBe(step);
  });

  it('counts failures in a row, and a success ends the count', () => {
    const wait = (failures: number): number => failures * 10;
    const once = afterFailure(advertised, 'Down.', moment(5), wait);
    const twice = afterFailure(once, 'Down.', moment(6), wait);
    expect([once.failure, twice.failure]).toEqual([
      { reason: 'Down.', count: 1, sinceMs: 5, waitMs: 10 },
      { reason: 'Down.', count: 2, sinceMs: 6, waitMs: 20 },
    ]);
    expect(twice.published).toBe('unknown');
    expect(afterAdvertising(AD, moment(7))).toEqual({
      published: AD,
      renewed: moment(7),
      seenMs: 7,
      failure: null,
    });
    expect(afterWithdrawing(twice)).toEqual({ ...withdrawn, failure: null });
    expect(afterLook(twice, true, moment(8))).toMatchObject({ seenMs: 8, failure: null });
  });

  it.each([
    [MINUTE, 1000],
    [MINUTE + 400, 600],
    [MINUTE + 1000, 0],
    [2 * MINUTE, 0],
  ])('at %d ms holds a call back for %d ms', (nowMs, ms) => {
    expect(holdMs(failed(1, 1000), nowMs)).toBe(ms);
    expect(holdMs(advertised, nowMs)).toBe(0);
  });
});

describe('advertisementState', () => {
  it.each<[string, Wish, Entry, string, string | null]>([
    ['pending before the first call', UNSURE, FIRST_ENTRY, 'pending', 'Who knows.'],
    ['advertised', OFFER, advertised, 'advertised', null],
    ['advertised with what is doubtful', { ...OFFER, note: 'Hm.' }, advertised, 'advertised', 'Hm.'],
    ['still advertised while nothing better is known', UNSURE, advertised, 'advertised', 'Who knows.'],
    ['paused with the reason', PAUSE, withdrawn, 'paused', 'No.'],
    ['failing with the reason', OFFER, failed(2, 1), 'failing', 'Down.'],
    [
      'paused, but perhaps still to be seen',
      PAUSE,
      failed(2, 1),
      'paused',
      'No. The advertisement may still be seen: Down.',
    ],
  ])('says %s', (_, wish, entry, status, reason) => {
    expect(advertisementState(wish, entry)).toEqual({
      status,
      last_success_at: entry.renewed === null ? null : AT,
      reason,
    });
  });
});
