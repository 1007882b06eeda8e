import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { probeSsh } from '../shared/ssh-probe.js';
import { readSettings } from '../shared/settings.js';
import { DaemonError } from './connection.js';

/** @typedef {import('../shared/protocol.js').GuestAddress} GuestAddress */

const EXIT_SSH_FAILED = 255;
/** What a client of Multipass takes of its standard input at most; it drops the rest and says nothing. */
const STDIN_LIMIT = 2 * 1024 * 1024;

/**
 * One argument for the guest's shell.
 *
 * @param {string} text
 * @returns {string}
 */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Starts ssh, which ends when the client does, as Multipass's is a part of it. What runs in the guest does not.
 *
 * @param {import('./context.js').ClientContext} context
 * @param {GuestAddress} guest
 * @param {string | undefined} command For the guest's shell; without one it is a shell to log in to.
 * @param {import('node:child_process').StdioOptions} stdio
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnSsh(context, guest, command, stdio) {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const ssh = ['ssh', '-F', '/dev/null', '-i', context.directory.clientKey];
  const args = [...options.flatMap((option) => ['-o', option]), `${guest.user}@${guest.host}`];
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...ssh, ...args, ...(command === undefined ? [] : [command])], {
    stdio,
  });
}

/** @param {import('node:child_process').ChildProcess} child */
export async function exitCodeOf(child) {
  await once(child, 'exit');
  return child.exitCode ?? EXIT_SSH_FAILED;
}

/**
 * Refuses when the guest does not speak.
 *
 * @param {import('./context.js').ClientContext} context
 * @param {GuestAddress} guest
 */
export async function expectSsh({ directory }, { host }) {
  switch (await probeSsh(host, readSettings(directory.settings).sshTimeoutMs)) {
    case 'refuses':
      throw new DaemonError("ssh connection failed: 'Connection refused'");
    case 'silent':
      throw new DaemonError(`ssh connection failed: 'Timeout connecting to ${host}'`);
    case 'answers':
  }
}

/**
 * Runs a command in a guest with the standard streams of the client.
 *
 * @param {import('./context.js').ClientContext} context
 * @param {GuestAddress} guest
 * @param {string | undefined} command
 * @returns {Promise<number>}
 */
export async function runInGuest(context, guest, command) {
  await expectSsh(context, guest);
  const child = spawnSsh(context, guest, command, ['pipe', 'inherit', 'inherit']);
  const { stdin } = child;
  let left = STDIN_LIMIT;
  // The command need not read it.
  stdin?.on('error', () => undefined);
  process.stdin.on('data', (/** @type {Uint8Array} */ piece) => {
    if (left > 0) stdin?.write(piece.subarray(0, left));
    left -= piece.length;
  });
  process.stdin.on('end', () => stdin?.end());
  return exitCodeOf(child);
}
