import { describe, expect, it } from '@jest/globals';
import { durabilityProblems } from './redis-durability.ts';

describe('durabilityProblems', () => {
  it.each([
    ['yes', 'noeviction', []],
    ['no', 'noeviction', ['appendonly is no']],
    ['yes', 'allkeys-lru', ['maxmemory-policy is allkeys-lru']],
    [undefined, undefined, ['appendonly is not known', 'maxmemory-policy is not known']],
  ])('of appendonly %s and maxmemory-policy %s', (appendonly, maxmemoryPolicy, beginnings) => {
    const problems = durabilityProblems({ appendonly, maxmemoryPolicy });

    expect(problems).toEqual(beginnings.map((beginning) => expect.stringContaining(beginning)));
  });
});
