import { describe, expect, it } from '@jest/globals';
import type { ChaosFinding } from './judge.ts';
import type { CaseResult } from './run-case.ts';
import { isGood, renderSummary, summarise } from './summary.ts';

function result(findings: readonly ChaosFinding[] = []): CaseResult {
  const point = { service: 'vm-worker', name: 'stop_instance ends' } as const;
  return { chaosCase: { operation: 'stop', point, fault: 'kill worker' }, seconds: 2, ended: 'done', findings };
}

const LOST: ChaosFinding = { verdict: 'lost', what: 'a VM is gone' };

describe('the summary of a run', () => {
  it('is good where nothing was found, and only where there was anything to find', () => {
    expect(isGood(summarise(7, 60, [result(), result()]))).toBe(true);
    expect(isGood(summarise(7, 60, []))).toBe(false);
    expect(isGood(summarise(7, 60, [result(), result([LOST])]))).toBe(false);
  });

  it('is not good where a fault was met by nobody', () => {
    const summary = summarise(7, 60, [result(), result([{ verdict: 'missed', what: 'nobody met the fault' }])]);
    expect(summary).toMatchObject({ missed: 1, lost: 0 });
    expect(isGood(summary)).toBe(false);
  });

  it('counts cases, not findings', () => {
    expect(summarise(7, 60, [result([LOST, LOST]), result()])).toMatchObject({ cases: 2, lost: 1, leaked: 0 });
  });

  it('shows the seed, the counts and what was found', () => {
    const text = renderSummary(summarise(7, 90, [result(), result([LOST])]));
    expect(text).toMatch(/stop +kill worker +2 +1 +0 +0 +0 +0 +2\.0 s/);
    expect(text).toContain('stop: kill worker where stop_instance ends (done)\n  lost: a VM is gone');
    expect(text).toContain('2 cases, 1 lost, 0 leaked, 0 doubled, 0 stuck, 0 missed; seed 7; 1.5 min');
  });
});
