/**
 * An emulation of the command-line client of Multipass 1.16.3 for tests: same arguments, same output, same exit codes, for
 * the commands that it has. `MULTIPASS_EMULATOR_DIR` names the directory of its state; `daemon.js` must run over it.
 */
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { UsageError } from './client/arguments.js';
import { DaemonError } from './client/connection.js';
import { createClientContext } from './client/context.js';
import { help, usage } from './client/help.js';
import { ClientCrash } from './client/identity.js';
import { NotCovered } from './client/render.js';
import { beginCall } from './shared/calls.js';
import { takeFault } from './shared/faults.js';
import { errorLogLine } from './shared/log-line.js';
import { stateDirectoryOfEnvironment } from './shared/state-directory.js';

const EXIT_USAGE = 1;
const EXIT_REFUSED = 2;
/** Multipass never ends with it: something was asked for that the emulator does not have. */
const EXIT_NOT_COVERED = 70;
const DAY_MS = 24 * 60 * 60 * 1000;
const NOISE = errorLogLine('url downloader', 'Failed to get https://codeload.github.com/x.zip: Operation canceled');

const queries = () => import('./client/queries.js');
const actions = () => import('./client/actions.js');
const settings = () => import('./client/settings.js');
const snapshots = () => import('./client/snapshots.js');
const guest = () => import('./client/exec.js');

/**
 * Each is loaded when it is called for: a client lives for a moment.
 *
 * @type {ReadonlyMap<string, () => Promise<import('./client/context.js').Command>>}
 */
const COMMANDS = new Map(
  Object.entries({
    '': async () => usage,
    help: async () => help,
    version: async () => (await queries()).version,
    list: async () => (await queries()).list,
    ls: async () => (await queries()).list,
    info: async () => (await queries()).info,
    networks: async () => (await queries()).networks,
    find: async () => (await queries()).find,
    authenticate: async () => (await queries()).authenticate,
    get: async () => (await settings()).get,
    set: async () => (await settings()).set,
    launch: async () => (await import('./client/launch.js')).launch,
    exec: async () => (await guest()).exec,
    shell: async () => (await guest()).shell,
    transfer: async () => (await import('./client/transfer.js')).transfer,
    start: async () => (await actions()).start,
    restart: async () => (await actions()).restart,
    stop: async () => (await actions()).stop,
    suspend: async () => (await actions()).suspend,
    delete: async () => (await actions()).remove,
    recover: async () => (await actions()).recover,
    purge: async () => (await actions()).purge,
    snapshot: async () => (await snapshots()).snapshot,
    restore: async () => (await snapshots()).restore,
    clone: async () => (await snapshots()).clone,
  }),
);

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Standard output that is held back, for a fault that cuts it short. */
function holdBack() {
  /** @type {Buffer[]} */
  const pieces = [];
  const out = new Writable({
    write(piece, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  return { out, text: () => Buffer.concat(pieces).toString('utf8') };
}

/**
 * @param {string} name
 * @param {readonly string[]} argv
 * @param {Parameters<typeof createClientContext>[0]} given
 * @returns {Promise<number>}
 */
async function runCommand(name, argv, given) {
  const { directory, out, err } = given;
  /** @type {(words: string) => string} */
  let lastWords = (words) => `[error] [client] ${words}\n`;
  try {
    if (!existsSync(directory.certificate)) {
      throw new ClientCrash(`failed to open file '${directory.certificate}': No such file or directory(2)`);
    }
    const context = createClientContext(given, process.env);
    lastWords = (words) => errorLogLine('client', words);
    const load = COMMANDS.get(name);
    if (load === undefined) {
      out.write(`Error: Unknown command or alias '${name}' (try "multipass help" or "multipass aliases")\n`);
      return EXIT_USAGE;
    }
    const command = await load();
    return await command(argv, context);
  } catch (error) {
    if (error instanceof UsageError) {
      err.write(error.message);
      return EXIT_USAGE;
    }
    if (error instanceof ClientCrash) {
      err.write(lastWords(`Caught an unhandled exception: ${error.message}`));
      return EXIT_USAGE;
    }
    if (error instanceof DaemonError) {
      err.write(`${name} failed: ${error.message}\n`);
      return EXIT_REFUSED;
    }
    if (error instanceof NotCovered) {
      err.write(`the emulator does not cover this: ${error.message}\n`);
      return EXIT_NOT_COVERED;
    }
    throw error;
  }
}

/**
 * @param {import('./shared/state-directory.js').StateDirectory} directory
 * @param {string} call
 * @param {readonly string[]} argv
 * @returns {Promise<number>}
 */
async function main(directory, call, [name = '', ...argv]) {
  const fault = takeFault(directory.faults, name);
  const { stdout: out, stderr: err } = process;
  const given = { directory, fault, call, out, err };
  switch (fault?.kind) {
    case 'hang':
      await pause(DAY_MS);
      break;
    case 'slow':
      await pause(fault.ms ?? 0);
      break;
    case 'refuse':
      err.write(fault.text ?? '');
      return fault.exitCode ?? EXIT_REFUSED;
    case 'rubbish':
      out.write(fault.text ?? '');
      return 0;
    case 'noise':
      err.write(NOISE);
      break;
    case 'truncate': {
      const held = holdBack();
      const code = await runCommand(name, argv, { ...given, out: held.out });
      out.write(held.text().slice(0, Math.floor(held.text().length / 2)));
      return code;
    }
    case 'die':
    case 'crash':
    case 'wedge':
    case undefined:
      break;
  }
  return runCommand(name, argv, given);
}

const directory = stateDirectoryOfEnvironment();
const argv = process.argv.slice(2);
const call = beginCall(directory.calls, argv);
const code = await main(directory, call.id, argv);
call.end(code);
// The daemon may still hold the connection when the client's own timeout has run out.
process.stdout.write('', () => process.exit(code));
