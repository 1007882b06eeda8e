import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentFingerprint, isStamped, packageFolders, stamp, treeFingerprint } from './fingerprint.js';
import { ROOT } from './host.js';
import { Failure, runOrFail } from './run.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const BUILD_TIMEOUT_MS = 5 * 60_000;
const INSTALL_STAMP = join(ROOT, 'node_modules/.golem-install');
const BUILD_STAMP = join(ROOT, '.cache/build');

/** @param {string} name */
function readJson(name) {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

function installFingerprint() {
  const folders = packageFolders(ROOT);
  const manifests = folders.map((folder) => join(folder, 'package.json'));
  const contents = contentFingerprint(ROOT, ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]);
  const absent = folders.filter((folder) => !existsSync(join(ROOT, folder, 'node_modules')));
  return [contents, process.arch, process.versions.modules, ...absent].join(' ');
}

/** The pnpm that package.json names, installed beside the workspace and nowhere else. */
async function ensurePnpm() {
  const packageManager = /^pnpm@(\d+\.\d+\.\d+)$/.exec(readJson('package.json').packageManager);
  if (packageManager === null) throw new Failure('package.json: packageManager must be pnpm@x.y.z', 1);
  const version = packageManager[1];
  const home = join(ROOT, `.cache/pnpm-${version}`);
  const entry = join(home, 'node_modules/pnpm/bin/pnpm.cjs');
  if (!existsSync(entry)) {
    const args = ['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', `pnpm@${version}`];
    await runOrFail('installing pnpm', 'npm', args, { timeoutMs: INSTALL_TIMEOUT_MS });
  }
  return entry;
}

/**
 * Installs the dependencies when what describes them has changed since they were installed last.
 *
 * @param {(text: string) => void} say
 * @throws {Failure}
 */
export async function ensureDependencies(say) {
  if (isStamped(INSTALL_STAMP, installFingerprint())) return;
  say('installing');
  const pnpm = await ensurePnpm();
  // The compiler is a development dependency; and pnpm may have to replace a node_modules without asking.
  const env = { ...process.env, NODE_ENV: 'development', CI: 'true' };
  await runOrFail('installing dependencies', process.execPath, [pnpm, 'install', '--frozen-lockfile'], {
    cwd: ROOT,
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  stamp(INSTALL_STAMP, installFingerprint());
}

function buildFingerprint() {
  const folders = packageFolders(ROOT);
  const configurations = ['tsconfig.base.json', 'tsconfig.json', ...folders.map((it) => join(it, 'tsconfig.json'))];
  const sources = [...folders.map((folder) => join(folder, 'src')), 'tests'];
  return `${contentFingerprint(ROOT, ['pnpm-lock.yaml', ...configurations])} ${treeFingerprint(ROOT, sources)}`;
}

/**
 * Compiles what has changed; returns at once when nothing has.
 *
 * @param {(text: string) => void} say
 * @throws {Failure}
 */
async function ensureBuild(say) {
  const fingerprint = buildFingerprint();
  const isBuilt = readJson('tsconfig.json').references.every((/** @type {{ path: string }} */ { path }) =>
    existsSync(join(ROOT, path, 'dist/.tsbuildinfo')),
  );
  if (isBuilt && isStamped(BUILD_STAMP, fingerprint)) return;
  say('compiling');
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await runOrFail('compiling', process.execPath, [compiler, '-b'], { cwd: ROOT, timeoutMs: BUILD_TIMEOUT_MS });
  stamp(BUILD_STAMP, fingerprint);
}

/**
 * Dependencies and build, each as a stage.
 *
 * @param {import('./stages.js').Stages} stages
 * @throws {Failure}
 */
export async function ensureWorkspace(stages) {
  await stages.run('dependencies', () => ensureDependencies((text) => stages.say('dependencies', text)));
  await stages.run('build', () => ensureBuild((text) => stages.say('build', text)));
}
