import { randomInt } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { shortForm } from './matrix.ts';
import { runCases } from './run-cases.ts';
import { isGood, renderSummary, summarise } from './summary.ts';

const TIMEOUT_MS = 30 * 60_000;
const SEEDS = 2 ** 31;
const GIVEN_SEED = process.env['CHAOS_SEED'];

it(
  'a provider mends itself after whatever goes wrong in the midst of an operation',
  async () => {
    const seed = GIVEN_SEED === undefined ? randomInt(SEEDS) : Number(GIVEN_SEED);
    const began = performance.now();

    const results = await runCases(shortForm(seed), {
      environment: process.env,
      seed,
      tell: () => undefined,
    });

    const summary = summarise(seed, (performance.now() - began) / 1000, results);
    process.stdout.write(renderSummary(summary));
    expect(results.filter(({ findings }) => findings.length > 0)).toEqual([]);
    expect(isGood(summary)).toBe(true);
  },
  TIMEOUT_MS,
);
