import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorChain } from '@golem-provider/service-kit';
import type { BenchCase } from './bench-case.ts';
import { coldStart } from './cases/cold-start.ts';
import { createMany } from './cases/create-many.ts';
import { createOne } from './cases/create-vm.ts';
import { events } from './cases/events.ts';
import { rest, start } from './cases/node.ts';
import { listVms } from './cases/list-vms.ts';
import { manyRecords } from './cases/many-records.ts';
import { readVm } from './cases/read-vm.ts';
import { sshProxy } from './cases/ssh-proxy.ts';
import { type CaseResult, renderReport } from './report.ts';

// `npm run bench [name…]`: runs the cases of these names, all of them without any. Its figures decide no test: the exit code
// is 0 when all could be measured, 64 for a name that is none.

const CASES: readonly BenchCase[] = [
  readVm,
  listVms,
  createOne,
  createMany,
  start,
  rest,
  events,
  manyRecords,
  sshProxy,
  coldStart,
];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(ROOT, '.cache/bench');

async function runCase(benchCase: BenchCase, signal: AbortSignal): Promise<CaseResult> {
  const { name, title } = benchCase;
  const began = performance.now();
  const tell = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  tell(title);
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  try {
    const figures = await benchCase.run({ root: ROOT, environment: process.env, signal, tell });
    return { name, title, seconds: seconds(), figures };
  } catch (error) {
    signal.throwIfAborted();
    return { name, title, seconds: seconds(), figures: [], failure: errorChain(error) };
  }
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => CASES.every((benchCase) => benchCase.name !== name));
if (unknown.length > 0) {
  process.stderr.write(`no such case: ${unknown.join(', ')}; there are ${CASES.map(({ name }) => name).join(', ')}\n`);
  process.exitCode = 64;
} else {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Error('interrupted: it ends with the case that runs')));
  }
  const results: CaseResult[] = [];
  for (const benchCase of CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    if (controller.signal.aborted) break;
    results.push(await runCase(benchCase, controller.signal));
  }
  process.stdout.write(renderReport(results));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
  process.stderr.write(`as JSON: ${join(RESULTS, 'latest.json')}\n`);
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}
