import { describe, expect, it } from '@jest/globals';
import { freeRangeFinding, parseEphemeralRange, parseReservedPorts, reservedRangeFinding } from './port-range.ts';

const RANGE = { start: 50_800, end: 50_900 };
const EPHEMERAL = { start: 32_768, end: 61_000 };

describe('parseEphemeralRange', () => {
  it.each([
    ['32768\t60999\n', EPHEMERAL],
    ['', undefined],
    ['none', undefined],
  ])('reads %j', (text, range) => {
    expect(parseEphemeralRange(text)).toEqual(range);
  });
});

describe('parseReservedPorts', () => {
  it.each([
    ['\n', []],
    ['8080,50800-50899\n', [{ start: 8080, end: 8081 }, RANGE]],
  ])('reads %j', (text, ranges) => {
    expect(parseReservedPorts(text)).toEqual(ranges);
  });
});

describe('reservedRangeFinding', () => {
  it.each([
    ['all reserved', EPHEMERAL, [RANGE], 'ok', 'no outgoing connection'],
    ['none reserved', EPHEMERAL, [], 'warning', '100 of 50800-50899'],
    ['some reserved', EPHEMERAL, [{ start: 50_800, end: 50_890 }], 'warning', '10 of 50800-50899'],
    ['outside of the ephemeral range', { start: 32_768, end: 40_000 }, [], 'ok', 'no outgoing connection'],
    ['half in the ephemeral range', { start: 50_850, end: 61_000 }, [], 'warning', '50 of 50800-50899'],
    ['no such kernel', undefined, [], 'ok', 'no outgoing connection'],
  ])('judges a range that is %s', (_name, ephemeral, reserved, verdict, detail) => {
    const finding = reservedRangeFinding(RANGE, ephemeral, reserved);
    expect(finding).toMatchObject({ verdict, detail: expect.stringContaining(detail) });
    expect(finding.remedy === null).toBe(verdict === 'ok');
  });
});

describe('freeRangeFinding', () => {
  const all = Array.from({ length: 100 }, (_, index) => 50_800 + index);
  it.each([
    [[], 'ok', 'all 100'],
    [[50_801], 'warning', '99 of 100 free; other programs listen on 50801'],
    [all, 'problem', '0 of 100'],
  ] as const)('judges %j', (busy, verdict, detail) => {
    expect(freeRangeFinding(RANGE, busy)).toMatchObject({ verdict, detail: expect.stringContaining(detail) });
  });
});
