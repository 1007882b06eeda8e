import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorLogLine } from '../shared/log-line.js';
import { parseArguments, UsageError } from './arguments.js';
import { DaemonError } from './connection.js';
import { exitCodeOf, expectSsh, quoted, spawnSsh } from './guest-shell.js';

const EXIT_FAILED = 2;

/** A file that could not be transferred: the others are tried all the same. */
class SftpError extends Error {}

/**
 * @typedef {object} Session A guest that files are transferred from or to.
 * @property {(script: string, input?: import('node:stream').Readable, output?: import('node:stream').Writable)
 *   => Promise<{ code: number, stderr: string }>} run
 */

/**
 * @param {import('./context.js').ClientContext} context
 * @param {string} name
 * @returns {Promise<Session>}
 */
async function openSession(context, name) {
  const guest = await context.ask({ command: 'ssh_info', name });
  if (guest.isOff) throw new DaemonError(`instance "${name}" is not running`);
  await expectSsh(context, guest);
  return {
    async run(script, input, output) {
      const child = spawnSsh(context, guest, script, ['pipe', output === undefined ? 'ignore' : 'pipe', 'pipe']);
      const { stdin, stdout, stderr } = child;
      let words = '';
      stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (words += text));
      const ended = exitCodeOf(child);
      if (input === undefined) stdin?.end();
      // The other side may have given up already, which its exit code tells.
      else if (stdin !== null) void pipeline(input, stdin).catch(() => undefined);
      if (output !== undefined && stdout !== null) await pipeline(stdout, output, { end: output !== process.stdout });
      return { code: await ended, stderr: words };
    },
  };
}

/**
 * What an SFTP server would have said.
 *
 * @param {string} stderr
 * @returns {string}
 */
function sftpReason(stderr) {
  return `SFTP server: ${/Permission denied/.test(stderr) ? 'Permission denied' : 'No such file'}`;
}

/**
 * @param {Session} session
 * @param {string} path
 * @returns {Promise<boolean>}
 */
async function isRemoteDirectory({ run }, path) {
  return (await run(`[ -d ${quoted(path)} ]`)).code === 0;
}

/** @typedef {{ isRecursive: boolean, areParentsMade: boolean }} Options */

/** @type {(session: Session, source: string, target: string, options: Options) => Promise<void>} */
async function upload(session, source, target, { isRecursive, areParentsMade }) {
  const parent = areParentsMade ? `mkdir -p ${quoted(dirname(target))} && ` : '';
  if (source !== '-' && !existsSync(source)) throw new SftpError(`cannot access ${source}: No such file or directory`);
  const path = (await isRemoteDirectory(session, target)) ? join(target, basename(source)) : target;
  if (source !== '-' && statSync(source).isDirectory()) {
    if (!isRecursive) throw new SftpError(`omitting local directory ${source}: recursive mode not specified`);
    const pack = spawn('tar', ['-C', source, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const { code, stderr } = await session.run(
      `${parent}mkdir -p ${quoted(path)} && tar -C ${quoted(path)} -xf -`,
      pack.stdout,
    );
    if (code !== 0) throw new SftpError(`cannot create remote directory ${path}: ${sftpReason(stderr)}`);
    return;
  }
  const content = source === '-' ? process.stdin : createReadStream(source);
  const { code, stderr } = await session.run(`${parent}cat >${quoted(path)}`, content);
  if (code !== 0) throw new SftpError(`cannot open remote file ${path}: ${sftpReason(stderr)}`);
}

/** @type {(session: Session, source: string, target: string, options: Options) => Promise<void>} */
async function download(session, source, target, { isRecursive, areParentsMade }) {
  const { code, stderr } = await session.run(`cat ${quoted(source)} >/dev/null`);
  const isDirectory = /Is a directory/.test(stderr);
  if (isDirectory && !isRecursive) {
    throw new SftpError(`omitting remote directory ${source}: recursive mode not specified`);
  }
  if (code !== 0 && !isDirectory) throw new SftpError(`cannot open remote file ${source}: ${sftpReason(stderr)}`);
  if (target === '-') {
    await session.run(`cat ${quoted(source)}`, undefined, process.stdout);
    return;
  }
  if (areParentsMade) mkdirSync(dirname(target), { recursive: true });
  const isInto = existsSync(target) && statSync(target).isDirectory();
  const path = isInto ? join(target, basename(source)) : target;
  if (isDirectory) {
    mkdirSync(path, { recursive: true });
    const unpack = spawn('tar', ['-C', path, '-xf', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await session.run(`tar -C ${quoted(source)} -cf - .`, undefined, unpack.stdin);
    await exitCodeOf(unpack);
    return;
  }
  await session.run(`cat ${quoted(source)}`, undefined, createWriteStream(path));
}

/**
 * An argument such as `instance:path`; without an instance it is a path of this host.
 *
 * @param {string} argument
 * @returns {{ instance: string | undefined, path: string }}
 */
function place(argument) {
  const colon = argument.indexOf(':');
  if (colon <= 0) return { instance: undefined, path: argument };
  return { instance: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** @type {import('./context.js').Command} */
export async function transfer(argv, context) {
  const { flags, positional } = parseArguments(argv, {
    flags: ['recursive', 'parents'],
    short: { r: 'recursive', p: 'parents' },
  });
  const target = place(positional.at(-1) ?? '');
  const sources = positional.slice(0, -1).map(place);
  if (sources.length === 0) throw new UsageError('Not enough arguments given\n');
  const options = { isRecursive: flags.has('recursive'), areParentsMade: flags.has('parents') };
  let exitCode = 0;
  for (const source of sources) {
    const name = target.instance ?? source.instance;
    if (name === undefined || (target.instance !== undefined && source.instance !== undefined)) {
      throw new UsageError('An instance name is needed for either source or target\n');
    }
    const session = await openSession(context, name);
    try {
      if (target.instance !== undefined) await upload(session, source.path, target.path, options);
      else await download(session, source.path, target.path, options);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      context.err.write(errorLogLine('sftp', error.message));
      exitCode = EXIT_FAILED;
    }
  }
  return exitCode;
}
