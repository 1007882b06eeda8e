import { describe, expect, it } from '@jest/globals';
import { capacityOf, describeBreaches, reservationOf } from './capacity.ts';
import type { Resources } from './resources.ts';
import type { VmRecord } from './vm-record.ts';

const TOTAL: Resources = { cpu_cores: 4, memory_gb: 16, storage_gb: 100 };
const SELLABLE: Resources = { cpu_cores: 4, memory_gb: 14, storage_gb: 60 };
const SPEC = { cpu_cores: 2, memory_gb: 4, storage_gb: 20 };

describe('capacityOf', () => {
  it.each<[string, number, Resources, Resources[], number[], number[]]>([
    ['nothing held', 1, SELLABLE, [], [0, 2, 40], [4, 14, 60]],
    ['a VM', 1, SELLABLE, [SPEC], [0, 2, 40], [2, 10, 40]],
    ['cores sold twice', 2, { ...SELLABLE, cpu_cores: 8 }, [SPEC], [0, 2, 40], [6, 10, 40]],
    ['all held', 1, SELLABLE, [SELLABLE], [0, 2, 40], [0, 0, 0]],
    ['others having filled the disk since', 1, { ...SELLABLE, storage_gb: 10 }, [SPEC], [0, 2, 80], [2, 10, 0]],
  ])('adds up with %s', (_, cpu_overcommit, sellable, held, reserve, available) => {
    const capacity = capacityOf({ total: TOTAL, cpu_overcommit, sellable }, held);

    expect(Object.values(capacity.host_reserve)).toEqual(reserve);
    expect(Object.values(capacity.available)).toEqual(available);
    for (const dimension of ['cpu_cores', 'memory_gb', 'storage_gb'] as const) {
      const factor = dimension === 'cpu_cores' ? cpu_overcommit : 1;
      expect(capacity.host_reserve[dimension] + capacity.reserved[dimension] + capacity.available[dimension]).toBe(
        TOTAL[dimension] * factor,
      );
    }
  });

  it('shows no number below zero where more is held than there is', () => {
    const held = [{ cpu_cores: 40, memory_gb: 80, storage_gb: 1000 }];
    const capacity = capacityOf({ total: TOTAL, cpu_overcommit: 1, sellable: SELLABLE }, held);
    expect([capacity.host_reserve, capacity.available].map((part) => Object.values(part))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe('reservationOf', () => {
  const resize = { target: { cpu_cores: 1, memory_gb: 8, storage_gb: 40 }, state: 'wanted' } as const;
  it.each<[string, Pick<VmRecord, 'proxy_port' | 'released' | 'resize'>, number[] | undefined]>([
    ['a VM', { proxy_port: 50_800, released: false, resize: null }, [2, 4, 20, 50_800]],
    ['one that is being resized: the larger size', { proxy_port: 50_800, released: false, resize }, [2, 8, 40, 50_800]],
    [
      'one that gave its cores and memory back',
      { proxy_port: 50_800, released: true, resize: null },
      [0, 0, 20, 50_800],
    ],
    ['one of these that is being resized', { proxy_port: 50_800, released: true, resize }, [0, 0, 40, 50_800]],
    ['a failed creation that gave everything back', { proxy_port: null, released: false, resize: null }, undefined],
  ])('of %s', (_, vm, held) => {
    const reservation = reservationOf({ ...vm, spec: SPEC });
    expect(reservation && Object.values(reservation)).toEqual(held);
  });
});

describe('describeBreaches', () => {
  it('says which limit, and that a value has not been under it for long', () => {
    const breaches = [
      { dimension: 'cpu' as const, value: 97.4, limit: 90 },
      { dimension: 'memory' as const, value: 70, limit: 85 },
    ];
    expect(describeBreaches(breaches)).toBe(
      'cpu at 97 % (limit 90 %), memory at 70 % (limit 85 %, was over it lately)',
    );
  });
});
