import { describe, expect, it } from '@jest/globals';
import { vmRecord } from '@golem-provider/testing';
import { createAbsences } from './absences.ts';

const { id } = vmRecord();

function scene() {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const absences = createAbsences(clock);
  const missEvery = (ms: number, times: number): boolean[] =>
    Array.from({ length: times }, () => {
      clock.ms += ms;
      return absences.miss(id);
    });
  return { absences, missEvery };
}

describe('a machine that is not listed', () => {
  it('counts as lost after several looks over minutes', () => {
    expect(scene().missEvery(60_000, 5)).toEqual([false, false, false, false, true]);
  });

  it('is not lost any sooner when it is looked at more often', () => {
    const looks = scene().missEvery(1000, 200);
    expect(looks.indexOf(true)).toBe(4 * 45);
  });

  it.each(['saw', 'doubtAll', 'keepOnly'] as const)('is counted anew after %s', (what) => {
    const { absences, missEvery } = scene();
    missEvery(60_000, 4);
    if (what === 'saw') absences.saw(id);
    else if (what === 'doubtAll') absences.doubtAll();
    else absences.keepOnly(new Set());
    expect(missEvery(60_000, 5)).toEqual([false, false, false, false, true]);
  });
});
