import { describe, expect, it } from '@jest/globals';
import { explainRefusal, type Refusal } from './refusal.ts';

const exhausted = (dimension: 'cpu_cores' | 'memory_gb', wanted: number, available: number): Refusal => ({
  refused: 'RESOURCES_EXHAUSTED',
  dimension,
  wanted,
  available,
});

describe('explainRefusal', () => {
  it.each([
    [exhausted('cpu_cores', 8, 2), '8 cores were asked for, 2 are free.'],
    [exhausted('cpu_cores', 2, 1), '2 cores were asked for, 1 is free.'],
    [exhausted('cpu_cores', 1, 0), '1 core was asked for, none is free.'],
    [exhausted('memory_gb', 1, 0), '1 GiB of memory was asked for, none is free.'],
    [{ refused: 'MAX_VMS_REACHED', max_vms: 1 }, 'The host runs 1 VM at most.'],
    [{ refused: 'MAX_VMS_REACHED', max_vms: 10 }, 'The host runs 10 VMs at most.'],
  ] as const)('of %j says "%s"', (refusal, detail) => {
    expect(explainRefusal(refusal)).toEqual({ code: refusal.refused, detail });
  });
  it.each([
    [exhausted('cpu_cores', 1, 0), '1 more core was asked for, none is free.'],
    [exhausted('memory_gb', 42, 41), '42 more GiB of memory were asked for, 41 are free.'],
  ])('of a VM that grows says of %j "%s"', (refusal, detail) => {
    expect(explainRefusal(refusal, 'growth').detail).toBe(detail);
  });
});
