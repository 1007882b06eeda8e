import { describe, expect, it } from '@jest/globals';
import { vmRecord } from '@golem-provider/testing';
import { resizeIntent } from './resize-intent.ts';

const MINIMUM = { cpu_cores: 2, memory_gb: 2, storage_gb: 10 };
const SPEC = { cpu_cores: 4, memory_gb: 8, storage_gb: 40 };
const stopped = vmRecord({ desired: 'stopped', status: 'stopped', spec: SPEC });
const target = { ...SPEC, memory_gb: 16 };
const wanted = { ...stopped, resize: { target, state: 'wanted' as const } };

describe('resizeIntent', () => {
  it.each([
    ['takes what is more', stopped, { memory_gb: 16 }, { verdict: 'accept', target }],
    [
      'takes what is less of cores and memory',
      stopped,
      { cpu_cores: 2, memory_gb: 2 },
      { verdict: 'accept', target: { cpu_cores: 2, memory_gb: 2, storage_gb: 40 } },
    ],
    ['is content with what there is', stopped, { ...SPEC }, { verdict: 'settled' }],
    ['joins what is under way', wanted, { memory_gb: 16 }, { verdict: 'wished' }],
    [
      'lets one resize come to its end',
      wanted,
      { memory_gb: 32 },
      { verdict: 'conflict', detail: 'The VM is being resized.' },
    ],
    [
      'waits for one that failed to be cleared up',
      { ...stopped, resize: { target, state: 'abandoned' as const } },
      { memory_gb: 16 },
      { verdict: 'conflict', detail: 'The VM is being resized.' },
    ],
    ['refuses one that runs', vmRecord({ status: 'running', spec: SPEC }), { memory_gb: 16 }, { verdict: 'conflict' }],
    [
      'refuses one that goes down',
      { ...stopped, status: 'stopping' as const },
      { memory_gb: 16 },
      { verdict: 'conflict' },
    ],
    ['refuses one that goes', { ...wanted, desired: 'deleted' as const }, { memory_gb: 16 }, { verdict: 'conflict' }],
    [
      'refuses less storage, and names the field',
      stopped,
      { storage_gb: 39 },
      {
        verdict: 'invalid',
        fields: [{ pointer: '/storage_gb', detail: 'must be at least 40 GiB: storage only grows' }],
      },
    ],
    [
      'refuses what is below the smallest VM, and names each field',
      stopped,
      { cpu_cores: 1, memory_gb: 1 },
      {
        verdict: 'invalid',
        fields: [
          { pointer: '/cpu_cores', detail: 'must be at least 2 cores' },
          { pointer: '/memory_gb', detail: 'must be at least 2 GiB' },
        ],
      },
    ],
    [
      'lets a VM keep what was enough when it was made',
      { ...stopped, spec: { ...SPEC, cpu_cores: 1 } },
      { cpu_cores: 1, memory_gb: 16 },
      { verdict: 'accept', target: { ...target, cpu_cores: 1 } },
    ],
  ])('%s', (_, vm, request, intent) => {
    expect(resizeIntent(vm, request, MINIMUM)).toMatchObject(intent);
  });
});
