/**
 * `npm run dev`: the whole provider over an emulated Multipass, for developers and load tests. Everything lies under
 * `.cache/dev`; Ctrl+C ends the emulator and its guests too, and the next start boots them again. Other settings are taken
 * as `npm start` takes them.
 *
 * `--guests listener`: guests are sockets that greet like an ssh server, cheap enough for hundreds; by default they are real
 * sshds. `settings.json` in `.cache/dev/multipass` says how the emulated Multipass behaves, also while it runs.
 */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  installEmulator,
  isEmulatorListening,
  killEmulatedGuests,
  spawnEmulatorDaemon,
  untilEmulatorListens,
} from '../services/vm-worker/emulator/multipass/launcher.js';
import { checkNodeVersion, findProgram, ROOT } from './lib/host.js';
import { ensurePackages } from './lib/packages.js';
import { Failure, run, runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureWorkspace } from './lib/workspace.js';

const COMMANDS = join(ROOT, 'packages/cli/dist/main.js');
const DIRECTORY = join(ROOT, '.cache/dev');
const EMULATOR = join(DIRECTORY, 'multipass');
const DATA = join(DIRECTORY, 'data');
const LISTEN_LIMIT_MS = 30_000;
const EXIT_NO_PERMISSION = 77;
const EXIT_USAGE = 64;

/** @returns {'sshd' | 'listener'} */
function guestsFromArguments() {
  try {
    const { guests } = parseArgs({ options: { guests: { type: 'string', default: 'sshd' } } }).values;
    if (guests === 'sshd' || guests === 'listener') return guests;
  } catch {
    // Said below.
  }
  throw new Failure('usage: npm run dev [-- --guests sshd|listener]', EXIT_USAGE);
}

/**
 * The emulated Multipass, which ends with this process, whatever ends that.
 *
 * @param {'sshd' | 'listener'} guests
 */
async function startEmulator(guests) {
  if (await isEmulatorListening(EMULATOR)) {
    throw new Failure(`An emulated Multipass runs in ${EMULATOR} already: end that first.`, 1);
  }
  const program = installEmulator(EMULATOR);
  const file = join(EMULATOR, 'settings.json');
  const settings = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  writeFileSync(file, `${JSON.stringify({ ...settings, guests }, null, 2)}\n`);
  const daemon = spawnEmulatorDaemon(EMULATOR, { searchPath: process.env['PATH'], isDetached: true });
  const ended = once(daemon, 'exit');
  try {
    await untilEmulatorListens(EMULATOR, AbortSignal.timeout(LISTEN_LIMIT_MS));
  } catch (error) {
    daemon.kill('SIGKILL');
    throw error;
  }
  return {
    program,
    async end() {
      daemon.kill('SIGTERM');
      await ended;
      killEmulatedGuests(EMULATOR);
    },
  };
}

/** The provider leaves its nginx to the ssh sessions that go through it; here the guests at their other ends are gone. */
async function endProxy() {
  const directory = join(DATA, 'nginx');
  const configuration = join(directory, 'nginx.conf');
  const nginx = findProgram('nginx');
  if (nginx === undefined || !existsSync(configuration)) return;
  // That it does not run is fine as well.
  await run(nginx, ['-c', configuration, '-p', directory, '-s', 'stop']);
}

await runScript(async () => {
  checkNodeVersion();
  const guests = guestsFromArguments();
  if (process.getuid?.() !== 0) {
    throw new Failure('The guests of the emulated Multipass need root: sudo npm run dev', EXIT_NO_PERMISSION);
  }
  process.env['GOLEM_PROVIDER_HYPERVISOR'] = 'multipass';
  process.env['GOLEM_PROVIDER_DATA_DIR'] = DATA;
  const stages = createStages();
  await stages.run('packages', () =>
    ensurePackages(guests === 'sshd' ? 'test' : 'run', (text) => stages.say('packages', text)),
  );
  await ensureWorkspace(stages);
  const emulator = await startEmulator(guests);
  try {
    process.env['GOLEM_PROVIDER_MULTIPASS_BINARY_PATH'] = emulator.program;
    // In this very process, as `npm start` does.
    process.argv = [process.execPath, COMMANDS, 'start'];
    await import(COMMANDS);
  } finally {
    await emulator.end();
    await endProxy();
  }
});
