import { describe, expect, it } from '@jest/globals';
import { durabilityFinding } from './redis-finding.ts';

describe('durabilityFinding', () => {
  it.each([
    [{ appendonly: 'yes', maxmemoryPolicy: 'noeviction' }, 'ok', 'redis://host keeps every record'],
    [{ appendonly: 'no', maxmemoryPolicy: 'noeviction' }, 'problem', 'appendonly is no'],
    [{ appendonly: 'yes', maxmemoryPolicy: 'allkeys-lru' }, 'problem', 'maxmemory-policy is allkeys-lru'],
  ])('judges %j', (durability, verdict, words) => {
    const finding = durabilityFinding('redis://host', durability);
    expect(finding).toMatchObject({ verdict, detail: expect.stringContaining(words) });
  });
});
