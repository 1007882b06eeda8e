import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { caseName } from './chaos-case.ts';
import { longForm, shortForm } from './matrix.ts';
import { runCases } from './run-cases.ts';
import { isGood, renderSummary, summarise } from './summary.ts';

const USAGE = `npm run test:chaos -- [options]

  --seed N      the cases, and their order, of another run; a number
  --short       about twenty cases, which have every operation and every fault
  --only TEXT   those whose names have this text
  --limit N     no more than these many
  --list        names only
  --help        this text

The exit code is 0 when nothing was lost, leaked, doubled, stuck or missed, 1 otherwise, 64 when there is no such case.
`;
const RESULTS = fileURLToPath(new URL('../../.cache/chaos', import.meta.url));
const SEEDS = 2 ** 31;
const EXIT_USAGE = 64;

const Options = z.object({
  seed: z.coerce.number().int().optional(),
  short: z.boolean(),
  only: z.string(),
  limit: z.coerce.number().int().positive().optional(),
  list: z.boolean(),
  help: z.boolean(),
});

/** Undefined where the words make no sense; that is said then. */
function readOptions(): z.infer<typeof Options> | undefined {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        short: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        limit: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const parsed = Options.safeParse(values);
    if (parsed.success) return parsed.data;
    process.stderr.write(`${z.prettifyError(parsed.error)}\n\n${USAGE}`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  return undefined;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return EXIT_USAGE;
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { seed = randomInt(SEEDS), limit = Infinity } = options;
  const cases = (options.short ? shortForm(seed) : longForm(seed))
    .filter((chaosCase) => caseName(chaosCase).includes(options.only))
    .slice(0, limit);
  if (cases.length === 0) {
    process.stderr.write('there is no such case\n');
    return EXIT_USAGE;
  }
  if (options.list) {
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
