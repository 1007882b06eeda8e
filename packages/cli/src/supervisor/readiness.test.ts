import { describe, expect, it } from '@jest/globals';
import { missingChecks } from './readiness.ts';

describe('missingChecks', () => {
  it('names what does not hold and is needed, with its detail', () => {
    const checks = [
      { name: 'redis', ok: true, required: true, detail: 'answers' },
      { name: 'worker', ok: false, required: true, detail: 'no report yet' },
      { name: 'advertisement', ok: false, required: false, detail: 'pending' },
    ];

    expect(missingChecks({ ready: false, checks })).toEqual(['worker: no report yet']);
  });
});
