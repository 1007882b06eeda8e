import { describe, expect, it } from '@jest/globals';
import { resourcesText, vmCountText } from './resource-words.ts';

describe('resourcesText', () => {
  it.each([
    [{ cpu_cores: 1, memory_gb: 1, storage_gb: 10 }, '1 core, 1 GiB of memory, 10 GiB of storage'],
    [{ cpu_cores: 0, memory_gb: 0, storage_gb: 1 }, '0 cores, 0 GiB of memory, 1 GiB of storage'],
  ])('of %j is %s', (resources, text) => {
    expect(resourcesText(resources)).toBe(text);
  });
});

describe('vmCountText', () => {
  it.each([
    [1, '1 VM'],
    [10, '10 VMs'],
  ])('of %d is %s', (count, text) => {
    expect(vmCountText(count)).toBe(text);
  });
});
