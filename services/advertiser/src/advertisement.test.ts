import { describe, expect, it } from '@jest/globals';
import type { HostSample, WorkerReport } from '@golem-provider/contracts';
import { hostSample, workerReport } from '@golem-provider/testing';
import {
  type Advertisement,
  advertisementState,
  afterFailure,
  afterSuccess,
  assess,
  decide,
  type Entry,
  FIRST_ENTRY,
  type HostState,
  type OfferTerms,
  type Wish,
  wishWithoutRecords,
} from './advertisement.ts';

const TERMS: OfferTerms = {
  country: 'SE',
  minimum: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
  maxVms: 3,
  portCount: 100,
};
const SAMPLE = hostSample({
  total: { cpu_cores: 8, memory_gb: 16, storage_gb: 200 },
  sellable: { cpu_cores: 8, memory_gb: 14, storage_gb: 180 },
});
const WORKER = workerReport();
const SMALL = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };
const HOST: HostState = {
  sample: { report: SAMPLE, isFresh: true },
  worker: { report: WORKER, isFresh: true },
  reservations: [],
};
const withSample = (change: Partial<HostSample>): HostState => ({
  ...HOST,
  sample: { report: { ...SAMPLE, ...change }, isFresh: true },
});
const withWorker = (change: Partial<WorkerReport>): HostState => ({
  ...HOST,
  worker: { report: { ...WORKER, ...change }, isFresh: true },
});

describe('assess', () => {
  it('offers exactly what a new VM could get', () => {
    const host = { ...HOST, reservations: [{ cpu_cores: 2, memory_gb: 4, storage_gb: 20 }, SMALL] };
    expect(assess(host, '203.0.113.7', TERMS)).toEqual({
      kind: 'offer',
      advertisement: {
        ip_address: '203.0.113.7',
        country: 'SE',
        resources: { cpu: 5, memory: 9, storage: 150 },
        platform: 'x86_64',
      },
    });
  });

  it('leaves out a platform that the service does not know', () => {
    expect(assess(withSample({ platform: 'riscv64' }), '203.0.113.7', TERMS)).toEqual({
      kind: 'offer',
      advertisement: { ip_address: '203.0.113.7', country: 'SE', resources: { cpu: 8, memory: 14, storage: 180 } },
    });
  });

  it('waits while the public address is being looked for', () => {
    expect(assess(HOST, null, TERMS)).toEqual({ kind: 'unsure' });
  });

  it.each<[string, HostState, Partial<OfferTerms>, string]>([
    [
      'no worker has ever reported',
      { ...HOST, worker: undefined },
      {},
      'The worker that makes VMs has not reported lately.',
    ],
    [
      'the worker is stale',
      { ...HOST, worker: { report: WORKER, isFresh: false } },
      {},
      'The worker that makes VMs has not reported lately.',
    ],
    [
      'the worker is unhealthy',
      withWorker({ healthy: false, reason: 'multipassd is down.' }),
      {},
      'multipassd is down.',
    ],
    ['the worker is unhealthy without a reason', withWorker({ healthy: false }), {}, 'The hypervisor does not answer.'],
    [
      'the host was never sampled',
      { ...HOST, sample: undefined },
      {},
      'The load of the host has not been sampled lately.',
    ],
    [
      'the sample is stale',
      { ...HOST, sample: { report: SAMPLE, isFresh: false } },
      {},
      'The load of the host has not been sampled lately.',
    ],
    [
      'a limit is exceeded',
      withSample({ breaches: [{ dimension: 'cpu', value: 97, limit: 90 }] }),
      {},
      'The host is over a limit: cpu at 97 % (limit 90 %).',
    ],
    ['MAX_VMS is reached', { ...HOST, reservations: [SMALL, SMALL, SMALL] }, {}, 'The host runs 3 VMs at most.'],
    ['no VM is allowed', HOST, { maxVms: 0 }, 'The host runs 0 VMs at most.'],
    ['every port is held', { ...HOST, reservations: [SMALL] }, { portCount: 1 }, 'Every ssh port is in use.'],
    [
      'cores run out',
      { ...HOST, reservations: [{ ...SMALL, cpu_cores: 8 }] },
      {},
      'Too little is free for the smallest VM (1 core, 1 GiB of memory, 10 GiB of storage): 0 cores, 13 GiB of memory, 170 GiB of storage.',
    ],
    [
      'memory runs out',
      { ...HOST, reservations: [{ ...SMALL, memory_gb: 14 }] },
      {},
      'Too little is free for the smallest VM (1 core, 1 GiB of memory, 10 GiB of storage): 7 cores, 0 GiB of memory, 170 GiB of storage.',
    ],
    [
      'storage runs low',
      { ...HOST, reservations: [{ ...SMALL, storage_gb: 171 }] },
      {},
      'Too little is free for the smallest VM (1 core, 1 GiB of memory, 10 GiB of storage): 7 cores, 13 GiB of memory, 9 GiB of storage.',
    ],
    [
      'more is held than there is',
      { ...HOST, reservations: [{ cpu_cores: 99, memory_gb: 99, storage_gb: 999 }] },
      {},
      'Too little is free for the smallest VM (1 core, 1 GiB of memory, 10 GiB of storage): 0 cores, 0 GiB of memory, 0 GiB of storage.',
    ],
  ])('pauses when %s', (_, host, terms, reason) => {
    expect(assess(host, '203.0.113.7', { ...TERMS, ...terms })).toEqual({ kind: 'pause', reason });
  });

  it.each([
    { ip: 'example.org', country: 'SE' },
    { ip: '2001:db8::1', country: 'SE' },
    { ip: '999.1.1.1', country: 'SE' },
    { ip: '203.0.113.7', country: 'se' },
    { ip: '203.0.113.7', country: 'SWE' },
  ])('never offers the address $ip in the country $country', ({ ip, country }) => {
    expect(() => assess(HOST, ip, { ...TERMS, country })).toThrow();
  });

  it('leaves things as they are for a while when the records cannot be read, then pauses', () => {
    expect([0, 19_999, 20_000].map((ms) => wishWithoutRecords(ms).kind)).toEqual(['unsure', 'unsure', 'pause']);
  });
});

const MINUTE = 60_000;
const INTERVAL = 4 * MINUTE;
const AD: Advertisement = { ip_address: '203.0.113.7', country: 'SE', resources: { cpu: 4, memory: 8, storage: 80 } };
const LESS: Advertisement = { ...AD, resources: { ...AD.resources, storage: 70 } };
const OFFER: Wish = { kind: 'offer', advertisement: AD };
const PAUSE: Wish = { kind: 'pause', reason: 'No.' };
const UNSURE: Wish = { kind: 'unsure' };
const advertised: Entry = { published: AD, lastSuccessMs: 0, failure: null };
const withdrawn: Entry = { published: 'none', lastSuccessMs: 0, failure: null };
const failed = (count: number, waitMs: number): Entry => ({
  published: 'unknown',
  lastSuccessMs: 0,
  failure: { reason: 'Down.', count, atMs: MINUTE, waitMs },
});

describe('decide', () => {
  it.each<[string, Wish, Entry, number, string]>([
    ['advertises at its start', OFFER, FIRST_ENTRY, 0, 'advertise'],
    ['withdraws at its start what a predecessor may have left', PAUSE, FIRST_ENTRY, 0, 'withdraw'],
    ['does nothing at its start while it knows nothing', UNSURE, FIRST_ENTRY, 0, 'wait'],
    ['leaves an advertisement that is right and young', OFFER, advertised, INTERVAL - 1, 'wait'],
    ['renews it after the interval', OFFER, advertised, INTERVAL, 'advertise'],
    ['renews it when the clock was set back', OFFER, { ...advertised, lastSuccessMs: MINUTE }, 0, 'advertise'],
    [
      'advertises at once when what is free has changed',
      { kind: 'offer', advertisement: LESS },
      advertised,
      1,
      'advertise',
    ],
    [
      'advertises at once when the address has changed',
      { kind: 'offer', advertisement: { ...AD, ip_address: '203.0.113.8' } },
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
    ['tries again when the clock was set back', OFFER, failed(1, 1000), 0, 'advertise'],
    ['waits with a withdrawal too', PAUSE, failed(1, 1000), MINUTE, 'wait'],
    ['withdraws after the wait where nobody knows what is there', PAUSE, failed(1, 1000), MINUTE + 1000, 'withdraw'],
  ])('%s', (_, wish, entry, nowMs, step) => {
    expect(decide(wish, entry, nowMs, INTERVAL).kind).toBe(step);
  });

  it('counts failures in a row, and a success ends the count', () => {
    const wait = (failures: number): number => failures * 10;
    const once = afterFailure(advertised, 'Down.', 5, wait);
    const twice = afterFailure(once, 'Down.', 6, wait);
    expect([once.failure, twice.failure]).toEqual([
      { reason: 'Down.', count: 1, atMs: 5, waitMs: 10 },
      { reason: 'Down.', count: 2, atMs: 6, waitMs: 20 },
    ]);
    expect(twice.published).toBe('unknown');
    expect(afterSuccess(twice, AD, 7)).toEqual({ published: AD, lastSuccessMs: 7, failure: null });
    expect(afterSuccess(twice, 'none', 7)).toEqual({ published: 'none', lastSuccessMs: 0, failure: null });
  });
});

describe('advertisementState', () => {
  it.each<[string, Wish, Entry, string, string | null]>([
    ['pending before the first call', UNSURE, FIRST_ENTRY, 'pending', null],
    ['advertised', OFFER, advertised, 'advertised', null],
    ['still advertised while nothing better is known', UNSURE, advertised, 'advertised', null],
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
      last_success_at: entry.lastSuccessMs === null ? null : '1970-01-01T00:00:00.000Z',
      reason,
    });
  });
});
