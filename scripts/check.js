/**
 * `npm run check`: everything that is held about the sources without running them. One line for each check; the output
 * of those that fail follows it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNodeVersion, findProgram, ROOT } from './lib/host.js';
import { Failure, run, runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureDependencies } from './lib/workspace.js';

const AT_ONCE = 2;
const TIMEOUT_MS = 10 * 60_000;
const TAIL_LINES = 400;
const IGNORED_FOLDERS = new Set(['node_modules', 'dist', '.cache', '.git']);

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} program
 * @property {readonly string[]} args
 */

/**
 * Paths of the shell scripts, relative to the root.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function shellScripts(folder = '') {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : shellScripts(path);
    return entry.name.endsWith('.sh') || path === '.ci/run' ? [path] : [];
  });
}

/**
 * @param {string} name
 * @param {string} script A program of a dependency, under node_modules.
 * @param {...string} args
 * @returns {Check}
 */
const nodeCheck = (name, script, ...args) => ({ name, program: process.execPath, args: [script, ...args] });

/** @returns {Check[]} */
function checks() {
  const shellcheck = findProgram('shellcheck');
  return [
    nodeCheck(
      'eslint',
      'node_modules/eslint/bin/eslint.js',
      '--max-warnings=0',
      '--cache',
      '--cache-location=.cache/eslint/',
      '--cache-strategy=content',
      '.',
    ),
    nodeCheck(
      'prettier',
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      '--cache',
      '--cache-location=.cache/prettier',
      '.',
    ),
    nodeCheck('types of the scripts', 'node_modules/typescript/bin/tsc', '-p', 'scripts'),
    nodeCheck(
      'types of the emulator',
      'node_modules/typescript/bin/tsc',
      '-p',
      'services/vm-worker/emulator/multipass',
    ),
    nodeCheck(
      'dependency-cruiser',
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config=.dependency-cruiser.cjs',
      'packages',
      'services',
      'tests',
    ),
    nodeCheck('knip', 'node_modules/knip/bin/knip.js', '--no-progress'),
    nodeCheck('ls-lint', fileURLToPath(import.meta.resolve('@ls-lint/ls-lint/bin/cli.js'))),
    nodeCheck('generated files', 'scripts/generate.js', '--check'),
    nodeCheck('openapi', 'node_modules/@redocly/cli/bin/cli.js', 'lint', 'services/api-gateway/openapi.json'),
    ...(shellcheck === undefined ? [] : [{ name: 'shellcheck', program: shellcheck, args: shellScripts() }]),
  ];
}

/**
 * Runs one check and prints its line.
 *
 * @param {Check} check
 * @returns {Promise<boolean>} Whether it holds.
 */
async function holds({ name, program, args }) {
  const began = Date.now();
  const { code, tail } = await run(program, args, { cwd: ROOT, timeoutMs: TIMEOUT_MS, tailLines: TAIL_LINES });
  console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (code !== 0) console.log(tail);
  return code === 0;
}

await runScript(async () => {
  checkNodeVersion();
  // The linter of the OpenAPI document asks nobody for newer versions and tells nobody of us.
  Object.assign(process.env, { REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', REDOCLY_TELEMETRY: 'off' });
  const stages = createStages();
  await stages.run('dependencies', () => ensureDependencies((text) => stages.say('dependencies', text)));
  const waiting = checks();
  const all = waiting.length + 1;
  if (findProgram('shellcheck') === undefined) console.log('shellcheck: left out, it is not installed');
  // First and alone: it compiles, and others read what it compiled.
  let failed = (await holds(nodeCheck('types', 'node_modules/typescript/bin/tsc', '-b'))) ? 0 : 1;
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await holds(check))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (failed > 0) throw new Failure(`${failed} of ${all} checks failed`, 1);
});
