import { describe, expect, it } from '@jest/globals';
import { describeRedis } from './redis-check.ts';

describe('describeRedis', () => {
  it.each([
    ['redis://user:secret@host:6379/1', 'redis://host:6379/1'],
    ['redis://host:6379', 'redis://host:6379'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
  ])('shows %s without secrets', (url, shown) => {
    expect(describeRedis(url)).toBe(shown);
  });
});
