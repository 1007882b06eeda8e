import { BYTES_PER_GIB } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { roomFinding } from './local-findings.ts';

describe('roomFinding', () => {
  it.each([
    [20, 'ok'],
    [19.9, 'problem'],
  ])('judges %d GiB free where 20 are needed', (free, verdict) => {
    const finding = roomFinding('disk', free * BYTES_PER_GIB, 10, 10);
    expect(finding).toMatchObject({ verdict, detail: expect.stringContaining('20 GiB') });
  });
});
