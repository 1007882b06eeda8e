import { describe, expect, it } from '@jest/globals';
import { caseName, KILLS, OPERATIONS, TROUBLES } from './chaos-case.ts';
import { longForm, pointsOf, shortForm } from './matrix.ts';

const SEEDS = [0, 1, 7, 4_000_000_000];

describe('the long form', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(longForm(7)).toEqual(longForm(7));
    expect(longForm(7)).not.toEqual(longForm(8));
  });

  it.each(SEEDS)('kills each process at every point of every operation, seed %d', (seed) => {
    const names = new Set(longForm(seed).map(caseName));
    for (const operation of OPERATIONS) {
      for (const point of pointsOf(operation)) {
        for (const fault of KILLS) expect(names).toContain(caseName({ operation, point, fault }));
      }
    }
  });

  it.each(SEEDS)('meets every operation with every trouble, seed %d', (seed) => {
    const met = new Set(longForm(seed).map(({ operation, fault }) => `${operation} ${fault}`));
    const seldom = ['stop', 'delete', 'ssh-key', 'resize'].map((name) => `${name} hypervisor slow to tell an address`);
    const all = OPERATIONS.flatMap((operation) => TROUBLES.map((fault) => `${operation} ${fault}`));
    for (const name of all) expect([name, met.has(name)]).toEqual([name, !seldom.includes(name)]);
  });

  it.each(SEEDS)('breaks the hypervisor while the operation has yet to call it, seed %d', (seed) => {
    const broken = longForm(seed).filter(({ fault }) => fault.startsWith('hypervisor '));
    const points = broken.map(({ operation, point }) => `${operation} ${point.name}`);
    for (const late of [
      'stop stop_instance ends',
      'delete forget begins',
      'create await_ssh begins',
      'start forward_port begins',
    ])
      expect(points).not.toContain(late);
    const everywhere = TROUBLES.filter((fault) => /^hypervisor (?!slow)/.test(fault));
    expect(broken).toHaveLength(2 * (OPERATIONS.length * everywhere.length + ['create', 'start', 'restart'].length));
  });

  it('has no case twice', () => {
    const names = longForm(1).map(caseName);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the short form', () => {
  it.each(SEEDS)('has about twenty cases of the long one, seed %d', (seed) => {
    const names = longForm(seed).map(caseName);
    const short = shortForm(seed);
    expect(short).toHaveLength(20);
    expect(short).toEqual(shortForm(seed));
    for (const one of short) expect(names).toContain(caseName(one));
  });

  it.each(SEEDS)('has every fault and every operation, seed %d', (seed) => {
    const short = shortForm(seed);
    expect(new Set(short.map(({ fault }) => fault))).toEqual(new Set([...KILLS, ...TROUBLES]));
    for (const operation of OPERATIONS)
      expect(short.filter((one) => one.operation === operation).length).toBeGreaterThanOrEqual(2);
  });
});
