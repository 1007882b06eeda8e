/**
 * `npm test [fast|e2e|live|compose]`: installs what the tests need, then runs them.
 *
 * - nothing: all checks, then all tests;
 * - `fast`: the types and the unit tests, which need nothing but Node.js;
 * - `e2e`: the tests that boot real guests;
 * - `live`: a provider that is used hard for many minutes;
 * - `compose`: images, containers and a guest in one of them, by a Docker engine of the test's own.
 *
 * The last line is `N passed, N failed`, counted by jest; the exit code is 0 when everything passed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNodeVersion, ROOT } from './lib/host.js';
import { countResults, describeResults, NO_RESULTS } from './lib/jest-results.js';
import { createTestDirectory, removeTestDirectory } from './lib/leftovers.js';
import { ensurePackages } from './lib/packages.js';
import { allOrFail, Failure, run, runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureWorkspace } from './lib/workspace.js';

const MINUTE_MS = 60_000;
const IMAGE_TIMEOUT_MS = 30 * MINUTE_MS;
const JEST_FLAGS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

/** The jest projects. A guest that boots keeps a core busy, so there are never more test files at once than cores. */
const PROJECTS = {
  unit: { maxWorkers: 2, timeoutMs: 10 * MINUTE_MS },
  real: { maxWorkers: 2, timeoutMs: 60 * MINUTE_MS },
  guest: { maxWorkers: 2, timeoutMs: 60 * MINUTE_MS },
  live: { maxWorkers: 1, timeoutMs: 90 * MINUTE_MS },
  compose: { maxWorkers: 1, timeoutMs: 90 * MINUTE_MS },
};

/** @typedef {keyof typeof PROJECTS} Project */

/** The projects whose guests boot from the image of the tests. @type {ReadonlySet<Project>} */
const NEED_IMAGE = new Set(['guest', 'compose']);

/** @type {Record<string, { needsPackages: boolean, isChecked: boolean, projects: Project[] }>} */
const SELECTIONS = {
  all: { needsPackages: true, isChecked: true, projects: ['unit', 'real', 'guest'] },
  fast: { needsPackages: false, isChecked: false, projects: ['unit'] },
  e2e: { needsPackages: true, isChecked: false, projects: ['guest'] },
  live: { needsPackages: true, isChecked: false, projects: ['live'] },
  compose: { needsPackages: true, isChecked: false, projects: ['compose'] },
};

/**
 * Runs a project of jest and counts its results; a run that ends without any counts as a failure, and so does one that leaves
 * something behind.
 *
 * @param {Project} project
 */
async function runProject(project) {
  const { maxWorkers, timeoutMs } = PROJECTS[project];
  const resultFile = join(ROOT, `.cache/jest/${project}.json`);
  mkdirSync(dirname(resultFile), { recursive: true });
  rmSync(resultFile, { force: true });
  const args = [
    fileURLToPath(import.meta.resolve('jest/bin/jest')),
    `--selectProjects=${project}`,
    `--maxWorkers=${maxWorkers}`,
    '--json',
    `--outputFile=${resultFile}`,
  ];
  const directory = createTestDirectory();
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} ${JEST_FLAGS}`.trim();
  const env = { ...process.env, NODE_OPTIONS, TMPDIR: directory };
  const { code } = await run(process.execPath, args, { cwd: ROOT, env, isShown: true, timeoutMs });
  const results = existsSync(resultFile) ? countResults(JSON.parse(readFileSync(resultFile, 'utf8'))) : NO_RESULTS;
  const left = await removeTestDirectory(directory);
  if (left.length > 0) console.error([`the ${project} tests left behind:`, ...left].join('\n  '));
  const isBad = left.length > 0 || (code !== 0 && results.failed === 0);
  return isBad ? { ...results, failed: results.failed + 1 } : results;
}

/**
 * Builds the image that the guests of the tests boot from, unless it is there. Not within the tests, whose deadlines are
 * for guests that boot.
 *
 * @param {import('./lib/stages.js').Stages} stages
 * @returns {Promise<boolean>} Whether it is there.
 */
async function prepareGuestImage(stages) {
  const { testGuestImage } = await import('../services/vm-worker/dist/testing/guest-image.js');
  try {
    await stages.run('guest image', () => testGuestImage(process.env, AbortSignal.timeout(IMAGE_TIMEOUT_MS)));
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

await runScript(async () => {
  checkNodeVersion();
  const selection = SELECTIONS[process.argv[2] ?? 'all'];
  if (selection === undefined) throw new Failure('usage: npm test [fast|e2e|live|compose]', 64);
  const stages = createStages();
  const purpose = process.argv[2] === 'compose' ? 'compose' : 'test';
  const packages = () => stages.run('packages', () => ensurePackages(purpose, (text) => stages.say('packages', text)));
  await allOrFail([...(selection.needsPackages ? [packages()] : []), ensureWorkspace(stages)]);

  let areChecksGood = true;
  if (selection.isChecked) {
    const check = () => run(process.execPath, [join(ROOT, 'scripts/check.js')], { isShown: true });
    const { code } = await stages.run('checks', check, (end) => (end.code === 0 ? 'ok' : 'FAILED'));
    areChecksGood = code === 0;
  }
  // It waits for Debian's servers most of the time, so it goes on while other tests run; not while the checks do, which read
  // the whole tree.
  const needsImage = selection.projects.some((project) => NEED_IMAGE.has(project));
  const guestImage = needsImage ? prepareGuestImage(stages) : undefined;
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const project of selection.projects) {
    if (NEED_IMAGE.has(project) && (await guestImage) === false) {
      total.failed += 1;
      continue;
    }
    const results = await stages.run(`${project} tests`, () => runProject(project), describeResults);
    total.passed += results.passed;
    total.failed += results.failed;
    total.skipped += results.skipped;
  }
  console.log(['', ...stages.summary()].join('\n'));
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  console.log(describeResults(total));
  if (total.failed > 0 || total.passed === 0 || !areChecksGood) process.exitCode = 1;
});
