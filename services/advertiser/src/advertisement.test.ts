import { describe, expect, it } from '@jest/globals';
import { CountryCode, type HostSample, type WorkerReport } from '@golem-provider/contracts';
import { hostSample, workerReport } from '@golem-provider/testing';
import { assess, type HostState, type OfferTerms, wishWithoutRecords } from './advertisement.ts';
import type { HostAddress } from './public-address/public-address.ts';

const TERMS: OfferTerms = {
  country: CountryCode.parse('SE'),
  minimum: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
  maxVms: 3,
  portRange: { start: 50_800, end: 50_900 },
  isDiscoveryLocal: false,
};
const PUBLIC: HostAddress = { address: '203.0.113.7', origin: 'detected' };
const SAMPLE = hostSample({
  total: { cpu_cores: 8, memory_gb: 16, storage_gb: 200 },
  sellable: { cpu_cores: 8, memory_gb: 14, storage_gb: 180 },
});
const WORKER = workerReport();
const SMALL = { cpu_cores: 1, memory_gb: 1, storage_gb: 10, port: 50_800 };
const HOST: HostState = {
  sample: { report: SAMPLE, isFresh: true },
  worker: { report: WORKER, isFresh: true },
  reservations: [],
  busyPorts: new Set(),
  drain: undefined,
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
    const host = { ...HOST, reservations: [{ cpu_cores: 2, memory_gb: 4, storage_gb: 20, port: 50_801 }, SMALL] };
    expect(assess(host, PUBLIC, TERMS)).toEqual({
      kind: 'offer',
      note: null,
      advertisement: {
        ip_address: '203.0.113.7',
        country: 'SE',
        resources: { cpu: 5, memory: 9, storage: 150 },
        platform: 'x86_64',
      },
    });
  });

  it('leaves out a platform that the service does not know', () => {
    expect(assess(withSample({ platform: 'riscv64' }), PUBLIC, TERMS)).toEqual({
      kind: 'offer',
      note: null,
      advertisement: { ip_address: '203.0.113.7', country: 'SE', resources: { cpu: 8, memory: 14, storage: 180 } },
    });
  });

  it('waits while the public address is being looked for', () => {
    expect(assess(HOST, null, TERMS)).toEqual({
      kind: 'unsure',
      reason: 'The public address of this host is being looked for.',
    });
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
    [
      'every port is held',
      { ...HOST, reservations: [SMALL] },
      { portRange: { start: 50_800, end: 50_801 } },
      'Every ssh port is in use.',
    ],
    [
      'every port is held or used by another program',
      { ...HOST, reservations: [SMALL], busyPorts: new Set([22, 50_800, 50_801]) },
      { portRange: { start: 50_800, end: 50_802 } },
      'Every ssh port is in use.',
    ],
    [
      'the operator drains the host',
      { ...HOST, drain: { since: '2026-01-01T00:00:00.000Z' } },
      {},
      'The operator takes no new VMs since 2026-01-01T00:00:00.000Z.',
    ],
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
      { ...HOST, reservations: [{ ...SMALL, cpu_cores: 99, memory_gb: 99, storage_gb: 999 }] },
      {},
      'Too little is free for the smallest VM (1 core, 1 GiB of memory, 10 GiB of storage): 0 cores, 0 GiB of memory, 0 GiB of storage.',
    ],
  ])('pauses when %s', (_, host, terms, reason) => {
    expect(assess(host, PUBLIC, { ...TERMS, ...terms })).toEqual({ kind: 'pause', reason });
  });

  it.each(['example.org', '2001:db8::1', '999.1.1.1', '0.0.0.0', '255.255.255.255'])(
    'never offers the address %s',
    (address) => {
      const local = { ...TERMS, isDiscoveryLocal: true };
      expect(() => assess(HOST, { address, origin: 'configured' }, local)).toThrow();
    },
  );

  it('offers whole numbers, never more than is free', () => {
    const sellable = { cpu_cores: 7.9, memory_gb: 13.5, storage_gb: 180.99 };
    expect(assess(withSample({ sellable }), PUBLIC, TERMS)).toMatchObject({
      advertisement: { resources: { cpu: 7, memory: 13, storage: 180 } },
    });
  });

  it.each<[HostAddress, boolean, 'offer' | 'pause', string | null]>([
    [{ address: '203.0.113.7', origin: 'own' }, false, 'offer', null],
    [{ address: '10.0.0.5', origin: 'own' }, true, 'offer', null],
    [{ address: '127.0.0.1', origin: 'own' }, true, 'offer', null],
    [{ address: '127.0.0.1', origin: 'configured' }, true, 'offer', null],
    [
      { address: '192.168.1.5', origin: 'configured' },
      false,
      'offer',
      'The address 192.168.1.5 (GOLEM_PROVIDER_PUBLIC_IP) is private: requestors elsewhere cannot reach it.',
    ],
    [
      { address: '127.0.0.1', origin: 'own' },
      false,
      'pause',
      'No public address of this host was found, and its own, 127.0.0.1, is loopback: set GOLEM_PROVIDER_PUBLIC_IP.',
    ],
  ])('tells %j to a local service (%s): %s', (address, isDiscoveryLocal, kind, words) => {
    const wish = assess(HOST, address, { ...TERMS, isDiscoveryLocal });
    expect(wish).toMatchObject(kind === 'offer' ? { kind, note: words } : { kind, reason: words });
  });

  it('leaves things as they are for a while when the records cannot be read, then pauses', () => {
    expect([0, 4999, 5000].map((ms) => wishWithoutRecords(ms).kind)).toEqual(['unsure', 'unsure', 'pause']);
  });
});
