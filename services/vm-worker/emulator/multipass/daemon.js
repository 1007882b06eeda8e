/**
 * The daemon of the emulated Multipass. Runs in the foreground over `MULTIPASS_EMULATOR_DIR`; what clients asked for goes on
 * when they leave. Guests outlive it. When it starts, those that ran before boot again, as under the snap, whose service
 * manager ends them together with the daemon.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createActions } from './daemon/actions.js';
import { createDescriptions } from './daemon/descriptions.js';
import { createEventLoop } from './daemon/event-loop.js';
import { createLaunch } from './daemon/launch.js';
import { openMachines } from './daemon/machines.js';
import { createPower } from './daemon/power.js';
import { killProcess } from './daemon/processes.js';
import { Refusal } from './daemon/refusal.js';
import { onJsonLines, sendJsonLine } from './shared/json-lines.js';
import { readSettings } from './shared/settings.js';
import { stateDirectoryOfEnvironment } from './shared/state-directory.js';

const VERSION = '1.16.3';
const NOT_AUTHENTICATED =
  "The client is not authenticated with the Multipass service.\nPlease use 'multipass authenticate' before proceeding.";

const directory = stateDirectoryOfEnvironment();
const settings = () => readSettings(directory.settings);
mkdirSync(directory.faults, { recursive: true });

/**
 * @param {string} file
 * @returns {string} The private key in that file, which is made if there is none.
 */
function ensureKey(file) {
  if (!existsSync(file)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'emulator', '-f', file]);
  return readFileSync(file, 'utf8');
}

ensureKey(directory.clientKey);
const daemonKey = {
  publicKey: readFileSync(`${directory.clientKey}.pub`, 'utf8'),
  hostKey: ensureKey(join(directory.root, 'guest_host_key')),
};
const machines = openMachines(directory.state);
const loop = createEventLoop();
const context = { directory, machines, loop, settings, daemonKey };
const power = createPower(context);
const descriptions = createDescriptions(machines);
const launch = createLaunch(context, power);

/** @type {Readonly<Record<string, (request: any, reporter: import('./daemon/launch.js').Reporter) => unknown>>} */
const handlers = {
  version: () => loop.run(() => ({ version: VERSION })),
  list: (request) => loop.run(() => descriptions.list(request)),
  info: (request) => loop.run(() => descriptions.info(request)),
  get: (request) => loop.run(() => descriptions.get(request)),
  set: (request) => loop.run(() => descriptions.set(request)),
  keys: () => loop.run(descriptions.keys),
  launch,
  ...createActions(context, power),
};

for (const machine of machines.all()) {
  if (machine.process !== null) killProcess(machine.process);
  const didRun = ['Running', 'Delayed Shutdown', 'Starting', 'Unknown'].includes(machine.state);
  machine.process = null;
  if (!didRun || machine.isDeleted) continue;
  machine.hasBooted = true;
  power.switchOn(machine);
  void power.awaitBoot(machine, null);
}

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  onJsonLines(socket, async (request) => {
    const send = (/** @type {object} */ message) => sendJsonLine(socket, message);
    if (request.crashAfterMs !== undefined) {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), request.crashAfterMs);
    }
    try {
      if (!settings().isClientTrusted) throw new Refusal(NOT_AUTHENTICATED);
      const handler = handlers[request.command];
      if (handler === undefined) throw new Refusal(`the emulator does not know ${request.command}`);
      const reply = await handler(request, {
        log: (line) => send({ log: line }),
        progress: (progress) => send({ progress }),
        percent: (percent) => send({ percent }),
      });
      send({ reply: reply ?? {} });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send({ error: error.message });
    }
  });
});
rmSync(directory.socket, { force: true });
server.listen(directory.socket, () => writeFileSync(directory.certificate, 'emulator\n'));
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  process.once(signal, () => {
    for (const machine of machines.all()) if (machine.process !== null) killProcess(machine.process);
    rmSync(directory.socket, { force: true });
    process.exit(0);
  });
}
