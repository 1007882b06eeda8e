/**
 * An emulation of the command-line client of Multipass 1.16.3 for tests: same arguments, same output, same exit codes, for
 * the commands that it has. `MULTIPASS_EMULATOR_DIR` names the directory of its state; `daemon.js` must run over it.
 */
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import * as actions from './client/actions.js';
import { UsageError } from './client/arguments.js';
import { DaemonError } from './client/connection.js';
import { createClientContext } from './client/context.js';
import { exec } from './client/exec.js';
import { launch } from './client/launch.js';
import * as queries from './client/queries.js';
import { NotCovered } from './client/render.js';
import { takeFault } from './shared/faults.js';
import { errorLogLine } from './shared/log-line.js';
import { stateDirectoryOfEnvironment } from './shared/state-directory.js';

const EXIT_USAGE = 1;
const EXIT_REFUSED = 2;
/** Multipass never ends with it: something was asked for that the emulator does not have. */
const EXIT_NOT_COVERED = 70;
const DAY_MS = 24 * 60 * 60 * 1000;
const NOISE = errorLogLine('url downloader', 'Failed to get https://codeload.github.com/x.zip: Operation canceled');

/** @type {ReadonlyMap<string, import('./client/context.js').Command>} */
const COMMANDS = new Map(
  Object.entries({
    version: queries.version,
    list: queries.list,
    ls: queries.list,
    info: queries.info,
    get: queries.get,
    set: queries.set,
    launch,
    exec,
    start: actions.start,
    stop: actions.stop,
    suspend: actions.suspend,
    delete: actions.remove,
    recover: actions.recover,
    purge: actions.purge,
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
 * @param {import('./client/context.js').ClientContext} context
 * @returns {Promise<number>}
 */
async function runCommand(name, argv, context) {
  const { directory, out, err } = context;
  if (!existsSync(directory.certificate)) {
    const reason = `failed to open file '${directory.certificate}': No such file or directory(2)`;
    err.write(`[error] [client] Caught an unhandled exception: ${reason}\n`);
    return EXIT_USAGE;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    out.write(`Error: Unknown command or alias '${name}' (try "multipass help" or "multipass aliases")\n`);
    return EXIT_USAGE;
  }
  try {
    return await command(argv, context);
  } catch (error) {
    if (error instanceof UsageError) {
      err.write(error.message);
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
 * @param {readonly string[]} argv
 * @returns {Promise<number>}
 */
async function main([name = '', ...argv]) {
  const directory = stateDirectoryOfEnvironment();
  const fault = takeFault(directory.faults, name);
  const { stdout: out, stderr: err } = process;
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
      const code = await runCommand(name, argv, createClientContext(directory, fault, { out: held.out, err }));
      out.write(held.text().slice(0, Math.floor(held.text().length / 2)));
      return code;
    }
    case 'die':
    case 'crash':
    case undefined:
      break;
  }
  return runCommand(name, argv, createClientContext(directory, fault, { out, err }));
}

// The daemon may still hold the connection when the client's own timeout has run out.
const code = await main(process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
