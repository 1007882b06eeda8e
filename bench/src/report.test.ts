import { describe, expect, it } from '@jest/globals';
import { againstFloor, under } from './bench-case.ts';
import { renderReport, shorten } from './report.ts';
import { summarise } from './statistics.ts';

const figures = [
  againstFloor('reads', 'req/s', { ours: summarise([60]), floor: summarise([100]) }, { atLeast: 0.5 }),
  againstFloor('boot', 's', { ours: summarise([12]), floor: summarise([10]) }, { atMost: 1.1 }),
  under('overhead', 'ms', summarise([10, 20, 300]), 100, 'p95'),
];

describe('shorten', () => {
  it.each([
    [0, '0'],
    [0.01234, '0.0123'],
    [12.345, '12.3'],
    [1234.5, '1235'],
  ])('shows %d as %s', (value, text) => {
    expect(shorten(value)).toBe(text);
  });
});

describe('renderReport', () => {
  it('shows each figure beside its floor and names the goals that were missed', () => {
    const report = renderReport([{ name: 'case', title: 'A case', seconds: 1, figures }]);
    expect(report).toMatch(
      /\| reads +\| 60\.0 req\/s \| - +\| - +\| 100 req\/s \| 0\.60x \| at least 0\.5x the floor \| met +\|/,
    );
    expect(report).toContain('case: boot: 1.20x, the goal is at most 1.1x the floor');
    expect(report).toContain('case: overhead: 272 ms, the goal is p95 at most 100 ms');
    expect(report).not.toContain('case: reads');
  });
  it('says that a case could not be measured', () => {
    const report = renderReport([{ name: 'case', title: 'A case', seconds: 1, figures: [], failure: 'no nginx' }]);
    expect(report).toContain('case: could not be measured: no nginx');
  });
  it('says when all is well', () => {
    expect(renderReport([])).toContain('Every goal is met.');
  });
});
