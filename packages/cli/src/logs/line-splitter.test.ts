import { describe, expect, it } from '@jest/globals';
import { createLineSplitter } from './line-splitter.ts';

function split(...pieces: string[]): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return lines;
}

describe('createLineSplitter', () => {
  it.each([
    ['whole lines', ['a\nb\n'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', 'c\nd'], ['abc', 'd']],
    ['Windows line ends and empty lines', ['a\r\n\r\n\nb\n'], ['a', 'b']],
    ['nothing', [], []],
  ])('gives out %s', (_name, pieces, lines) => {
    expect(split(...pieces)).toEqual(lines);
  });

  it('cuts a line that never ends', () => {
    const lines = split('x'.repeat(150_000));

    expect(lines.map(({ length }) => length)).toEqual([65_536, 65_536, 18_928]);
  });
});
