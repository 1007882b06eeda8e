import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ask } from './client/connection.js';
import { clientIdentity } from './client/identity.js';
import { signalProcess } from './daemon/processes.js';
import { stateDirectory } from './shared/state-directory.js';

const LOOK_MS = 20;
/** At once: a daemon that has yet to accept some five hundred is not given any more by the kernel. */
const CONNECTIONS = 100;

/** @param {string} file */
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** @param {string} text */
const shellQuoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param {string} directory */
export function installEmulator(directory) {
  const { faults, program } = stateDirectory(directory);
  mkdirSync(faults, { recursive: true });
  const client = [process.execPath, pathOf('multipass.js')].map(shellQuoted).join(' ');
  writeFileSync(program, `#!/bin/sh\nMULTIPASS_EMULATOR_DIR=${shellQuoted(directory)} exec ${client} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

/**
 * @param {string} directory
 * @param {{ searchPath: string | undefined, isDetached: boolean }} options
 */
export function spawnEmulatorDaemon(directory, { searchPath, isDetached }) {
  const daemon = [process.execPath, pathOf('daemon.js')];
  const [program = '', ...args] = isDetached ? ['setpriv', '--pdeathsig', 'KILL', ...daemon] : daemon;
  return spawn(program, args, {
    env: { PATH: searchPath, MULTIPASS_EMULATOR_DIR: directory },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: isDetached,
  });
}

/**
 * @param {string} directory
 * @returns {Promise<boolean>}
 */
export function isEmulatorListening(directory) {
  return new Promise((resolve) => {
    const socket = connect({ path: stateDirectory(directory).socket }, () => end(true));
    const end = (/** @type {boolean} */ isThere) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('error', () => end(false));
  });
}

/**
 * @param {string} directory
 * @param {AbortSignal} signal
 */
export async function untilEmulatorListens(directory, signal) {
  while (!(await isEmulatorListening(directory))) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** @param {string} directory */
export function killEmulatedGuests(directory) {
  const { state } = stateDirectory(directory);
  if (!existsSync(state)) return;
  /** @type {{ machines: import('./daemon/machines.js').Machine[] }} */
  const { machines } = JSON.parse(readFileSync(state, 'utf8'));
  for (const { guest } of machines) if (guest !== null && guest !== 'listener') signalProcess(guest, 'SIGKILL');
}

/**
 * @param {string} directory
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} environment
 */
export async function launchEmulatedInstances(directory, names, environment) {
  const client = clientIdentity(environment);
  const sizes = { cpus: 1, memory: null, disk: null, network: null, userData: null, waitMs: null };
  const launch = (/** @type {string} */ name) =>
    ask(
      { path: stateDirectory(directory).socket },
      { command: 'launch', image: '22.04', name, ...sizes, client, call: name },
    );
  for (let first = 0; first < names.length; first += CONNECTIONS) {
    await Promise.all(names.slice(first, first + CONNECTIONS).map(launch));
  }
}
