import { describe, expect, it } from '@jest/globals';
import { missingChecks } from './readiness.ts';

describe('missingChecks', () => {
  it('names what does not hold, with its detail', () => {
    const checks = [
      { name: 'redis', ok: true, detail: 'answers' },
      { name: 'worker', ok: false, detail: 'no report yet' },
    ];

    expect(missingChecks({ ready: false, checks })).toEqual(['worker: no report yet']);
  });
});
