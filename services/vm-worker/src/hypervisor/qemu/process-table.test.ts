import { describe, expect, it } from '@jest/globals';
import { isProcessAlive, parseCmdline, parseStat, parseUid, processRef } from './process-table.ts';

const rest = 'S 1 2 3 4 -1 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21';

describe('parseStat', () => {
  it.each([
    ['a plain name', `42 (qemu) ${rest}`],
    ['a name with blanks and parentheses', `42 (a) (b c) ${rest}`],
  ])('reads state and start behind %s', (_, text) => {
    expect(parseStat(text)).toEqual({ state: 'S', startTime: 4711 });
  });
  it.each(['', '42', '42 (x) S 1 2', 'rubbish'])('gives nothing for %p', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});

describe('parseUid', () => {
  it('reads the effective user', () => {
    expect(parseUid('Name:\tqemu\nUid:\t0\t1900000001\t0\t0\nGid:\t5\t6\t5\t5\n')).toBe(1_900_000_001);
    expect(parseUid('')).toBeUndefined();
  });
});

describe('parseCmdline', () => {
  it('keeps empty arguments', () => {
    expect(parseCmdline('a\0\0b\0')).toEqual(['a', '', 'b']);
    expect(parseCmdline('')).toEqual([]);
  });
});

describe('isProcessAlive', () => {
  it('tells a process from another with the same pid', async () => {
    const self = await processRef(process.pid);
    expect(self).toBeDefined();
    if (self === undefined) return;
    expect(await isProcessAlive(self)).toBe(true);
    expect(await isProcessAlive({ ...self, startTime: self.startTime + 1 })).toBe(false);
  });
});
