import { describe, expect, it } from '@jest/globals';
import { renderAge, renderPairs, renderTable } from './table.ts';

describe('renderTable', () => {
  it('makes every column as wide as its widest cell and ends no line with blanks', () => {
    expect(
      renderTable(
        ['ID', 'STATUS'],
        [
          ['a-long-one', 'up'],
          ['b', ''],
        ],
      ),
    ).toBe('ID          STATUS\na-long-one  up\nb\n');
  });
  it('shows its head alone where there are no rows', () => {
    expect(renderTable(['ID', 'STATUS'], [])).toBe('ID  STATUS\n');
  });
});

describe('renderPairs', () => {
  it('puts the values in one column', () => {
    expect(
      renderPairs([
        ['a', '1'],
        ['longer', '2'],
      ]),
    ).toBe('a       1\nlonger  2\n');
  });
});

describe('renderAge', () => {
  const now = Date.parse('2026-01-10T00:00:00.000Z');
  it.each([
    ['2026-01-10T00:00:00.000Z', '0 s'],
    ['2026-01-09T23:59:01.000Z', '59 s'],
    ['2026-01-09T23:59:00.000Z', '1 min'],
    ['2026-01-09T23:00:01.000Z', '59 min'],
    ['2026-01-09T23:00:00.000Z', '1 h'],
    ['2026-01-09T00:00:00.000Z', '1 d'],
    ['2025-12-01T00:00:00.000Z', '40 d'],
    ['2026-01-11T00:00:00.000Z', '0 s'],
  ])('of %s is %s', (moment, age) => {
    expect(renderAge(moment, now)).toBe(age);
  });
});
