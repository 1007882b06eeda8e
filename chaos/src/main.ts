import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseName } from './chaos-case.ts';
import { longForm, shortForm } from './matrix.ts';
import { runCases } from './run-cases.ts';
import { isGood, renderSummary, summarise } from './summary.ts';

// `npm run test:chaos -- [--seed N] [--short] [--only TEXT] [--limit N] [--list]`: the exit code is 0 when nothing was lost, leaked,
// doubled or stuck, 1 otherwise, 64 when there is no such case.

const RESULTS = fileURLToPath(new URL('../../.cache/chaos', import.meta.url));
const SEEDS = 2 ** 31;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    limit: { type: 'string', default: 'Infinity' },
    list: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? randomInt(SEEDS) : Number(values.seed);
const cases = (values.short ? shortForm(seed) : longForm(seed))
  .filter((chaosCase) => caseName(chaosCase).includes(values.only))
  .slice(0, Number(values.limit));

async function main(): Promise<number> {
  if (!Number.isSafeInteger(seed) || cases.length === 0) {
    process.stderr.write('there is no such case\n');
    return 64;
  }
  if (values.list) {
    process.stdout.write(`${cases.map(caseName).join('\n')}\n`);
    return 0;
  }
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  process.stdout.write(`${cases.length} cases, seed ${seed}\n`);
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  const began = performance.now();
  const results = await runCases(cases, {
    environment: process.env,
    seed,
    evidence: RESULTS,
    signal: controller.signal,
    tell({ chaosCase, seconds, ended, findings }, done) {
      const head = `${done}/${cases.length} ${caseName(chaosCase)}: ${seconds.toFixed(1)} s`;
      const tail = findings.map(({ verdict, what }) => `\n    ${verdict}: ${what}`).join('');
      process.stdout.write(findings.length === 0 ? `${head}\n` : `${head} (${ended})${tail}\n`);
    },
  });
  const summary = summarise(seed, (performance.now() - began) / 1000, results);
  writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify(summary, null, 2)}\n`);
  process.stdout.write(`\n${renderSummary(summary)}as JSON: ${join(RESULTS, 'latest.json')}\n`);
  return isGood(summary) && results.length === cases.length ? 0 : 1;
}

process.exitCode = await main();
