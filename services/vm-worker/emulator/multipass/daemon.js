/**
 * The daemon of the emulated Multipass. Runs in the foreground over `MULTIPASS_EMULATOR_DIR`; what clients asked for goes on
 * when they leave. SIGTERM suspends the guests that run, and the next start resumes them. Guests outlive a crash; when the
 * daemon starts after one, those that ran before boot again, as under the snap, whose service manager ends them together
 * with the daemon.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createActions } from './daemon/actions.js';
import { createDescriptions } from './daemon/descriptions.js';
import { createEventLoop } from './daemon/event-loop.js';
import { createLaunch } from './daemon/launch.js';
import { createGuests } from './daemon/guests.js';
import { findImages } from './daemon/images.js';
import { createInstanceSettings } from './daemon/instance-settings.js';
import { openMachines } from './daemon/machines.js';
import { createPower } from './daemon/power.js';
import { Refusal } from './daemon/refusal.js';
import { createSnapshots } from './daemon/snapshots.js';
import { noteRequest } from './shared/calls.js';
import { onJsonLines, sendJsonLine } from './shared/json-lines.js';
import { settingsReader } from './shared/settings.js';
import { stateDirectoryOfEnvironment } from './shared/state-directory.js';

const VERSION = '1.16.3';
const NO_PASSPHRASE = 'Passphrase is not set. Please `multipass set local.passphrase` with a trusted client.';
const NOT_AUTHENTICATED =
  "The client is not authenticated with the Multipass service.\nPlease use 'multipass authenticate' before proceeding.";

const directory = stateDirectoryOfEnvironment();
const settings = settingsReader(directory.settings);
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
const guests = createGuests({ directory, settings, daemonKey });
const context = { directory, machines, loop, guests, settings, daemonKey };
const power = createPower(context);
const descriptions = createDescriptions(context, power);
const instanceSettings = createInstanceSettings(machines);
const launch = createLaunch(context, power);
const snapshots = createSnapshots(context);

/**
 * @typedef {import('./shared/protocol.js').Command} Command
 * @typedef {import('./daemon/launch.js').Reporter} Reporter
 */

/**
 * @type {{ readonly [C in Command]: (question: import('./shared/protocol.js').Question<C>, reporter: Reporter)
 *   => Promise<import('./shared/protocol.js').Answer<C> | void> }}
 */
const handlers = {
  version: () => loop.run(() => ({ version: VERSION })),
  list: (request, reporter) => loop.run(() => descriptions.list(request, reporter)),
  info: (request) => loop.run(() => descriptions.info(request)),
  get: (request) => loop.run(() => instanceSettings.get(request)),
  set: (request) => loop.run(() => instanceSettings.set(request)),
  keys: () => loop.run(instanceSettings.keys),
  find: () => loop.run(() => ({ images: findImages(settings().isOnline) })),
  networks: () => loop.run(() => ({})),
  authenticate() {
    throw new Refusal(NO_PASSPHRASE);
  },
  launch,
  ...createActions(context, power, snapshots.removals),
  ...snapshots.verbs,
};

/**
 * @template {Command} C
 * @param {import('./shared/protocol.js').Question<C>} question
 * @param {Reporter} reporter
 * @returns {Promise<import('./shared/protocol.js').Answer<C> | void>}
 */
const answerTo = (question, reporter) => handlers[question.command](question, reporter);

for (const machine of machines.all()) {
  const didRun = !['Stopped', 'Suspended'].includes(machine.state);
  if (machine.state === 'Suspended') continue;
  // One that was suspended when the daemon was stopped goes on; any other is what a crash left behind.
  if (!machine.isFrozen) guests.kill(machine);
  if (!didRun || machine.isDeleted) continue;
  machine.hasBooted = true;
  power.switchOn(machine);
  void power.awaitBoot(machine, null);
}

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  onJsonLines(socket, async (/** @type {import('./shared/protocol.js').AnyRequest} */ request) => {
    const send = (/** @type {object} */ message) => sendJsonLine(socket, message);
    if (request.crashAfterMs !== undefined) {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), request.crashAfterMs);
    }
    noteRequest(directory.calls, request.call, 'received');
    if (request.doesWedge === true) process.kill(process.pid, 'SIGSTOP');
    try {
      if (request.command !== 'authenticate') {
        if (!settings().isClientTrusted || !machines.isTrusted(request.client)) throw new Refusal(NOT_AUTHENTICATED);
      }
      const reply = await answerTo(request, {
        log: (line) => send({ log: line }),
        progress: (progress) => send({ progress }),
        percent: (percent) => send({ percent }),
      });
      send({ reply: reply ?? {} });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send({ error: error.message });
    } finally {
      noteRequest(directory.calls, request.call, 'answered');
    }
  });
});
rmSync(directory.socket, { force: true });
// Before it listens: whoever has seen that it does may call a client, which needs it.
writeFileSync(directory.certificate, 'emulator\n');
server.listen(directory.socket);
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  process.once(signal, () => {
    for (const machine of machines.all()) {
      if (machine.state === 'Running' || machine.state === 'Delayed Shutdown') guests.freeze(machine);
      else if (machine.state !== 'Suspended') guests.kill(machine);
    }
    machines.flush();
    rmSync(directory.socket, { force: true });
    process.exit(0);
  });
}
