import { describe, expect, it } from '@jest/globals';
import { iso31661 } from 'iso-3166';
import { CountryCode } from './country.ts';

const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));

describe('CountryCode', () => {
  it('takes the codes that ISO 3166-1 assigns and no other pair of letters', () => {
    const pairs = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
    const taken = pairs.filter((pair) => CountryCode.safeParse(pair).success);

    expect(taken).toEqual(iso31661.map(({ alpha2 }) => alpha2).sort());
  });

  it.each(['se', 'SWE', 'S', '', 'EU', 'UK', 'XX', ' SE', 'SE\n'])('refuses %j', (code) => {
    expect(CountryCode.safeParse(code).success).toBe(false);
  });
});
