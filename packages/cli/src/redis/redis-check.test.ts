import { describe, expect, it } from '@jest/globals';
import { describeRedis, durabilityProblems } from './redis-check.ts';

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

describe('describeRedis', () => {
  it.each([
    ['redis://user:secret@host:6379/1', 'redis://host:6379/1'],
    ['redis://host:6379', 'redis://host:6379'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
  ])('shows %s without secrets', (url, shown) => {
    expect(describeRedis(url)).toBe(shown);
  });
});
