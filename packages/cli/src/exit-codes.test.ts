import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from './exit-codes.ts';

describe('EXIT_CODES', () => {
  it('are all different and all in the documentation', () => {
    const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    const codes: number[] = Object.values(EXIT_CODES);
    expect(documented).toEqual([0, ...codes.toSorted((a, b) => a - b)]);
  });
});
