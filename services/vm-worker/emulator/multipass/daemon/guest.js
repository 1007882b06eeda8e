import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { startTimeOf } from './processes.js';

const BOOT = fileURLToPath(new URL('../guest/boot.sh', import.meta.url));
const BANNER_TRY_MS = 1000;
/** How `boot.sh` ends when somebody in the guest wants a reboot. */
const EXIT_REBOOT = 77;
const SUDO = `#!/bin/sh
[ "$1" = systemctl ] && shift
case "$1" in
  poweroff) POWEROFF ;;
  reboot) echo reboot >/run/power ;;
  *) exec "$@" ;;
esac
`;

/**
 * What the guest takes from its user-data: the keys that may log in, and its own.
 *
 * @param {string | null} userData
 * @returns {{ authorizedKeys: string[], hostKey: string | undefined }}
 */
function identityOf(userData) {
  const config = userData === null ? {} : (parse(userData, { schema: 'yaml-1.1' }) ?? {});
  /** @type {string[]} */
  const authorizedKeys = [...(config.ssh_authorized_keys ?? [])];
  for (const user of config.users ?? []) authorizedKeys.push(...(user?.ssh_authorized_keys ?? []));
  return { authorizedKeys, hostKey: config.ssh_keys?.ed25519_private };
}

/**
 * Writes what the guest boots with.
 *
 * @param {string} directory
 * @param {import('./machines.js').Machine} machine
 * @param {{ daemonKey: { publicKey: string, hostKey: string }, doesShutDown: boolean }} options
 */
export function installGuest(directory, { address, userData }, { daemonKey, doesShutDown }) {
  const { authorizedKeys, hostKey = daemonKey.hostKey } = identityOf(userData);
  mkdirSync(join(directory, 'bin'), { recursive: true });
  /** @type {(name: string, text: string, mode: number) => void} */
  const write = (name, text, mode) => writeFileSync(join(directory, name), text, { mode });
  write('host_key', hostKey, 0o600);
  write('authorized_keys', [...authorizedKeys, daemonKey.publicKey].map((key) => `${key.trim()}\n`).join(''), 0o644);
  write('bin/sudo', SUDO.replace('POWEROFF', doesShutDown ? 'echo off >/run/power' : 'true'), 0o755);
  const others = (/** @type {string} */ file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^ubuntu:/.test(line) && !/^[^:]*:[^:]*:1000:/.test(line))
      .map((line) => `${line}\n`)
      .join('');
  write('passwd', `${others('/etc/passwd')}ubuntu:*:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n`, 0o644);
  const groups = others('/etc/group').replace(
    /^((?:adm|sudo):.*:)(.*)$/gm,
    (_, head, members) => `${head}${[members, 'ubuntu'].filter((member) => member !== '').join(',')}`,
  );
  write('group', `${groups}ubuntu:x:1000:\n`, 0o644);
  const settings = [
    'Port 22',
    `ListenAddress ${address}`,
    `HostKey ${join(directory, 'host_key')}`,
    'AuthorizedKeysFile /run/authorized_keys',
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin no',
    'Subsystem sftp internal-sftp',
  ];
  write('sshd_config', settings.map((line) => `${line}\n`).join(''), 0o644);
}

/**
 * Starts the guest. It outlives the daemon.
 *
 * @param {string} directory
 * @param {{ name: string, shutdownMs: number }} guest
 * @param {(isReboot: boolean) => void} onExit
 * @returns {{ pid: number, startTime: string }}
 */
export function powerOnGuest(directory, { name, shutdownMs }, onExit) {
  const log = openSync(join(directory, 'console.log'), 'a', 0o600);
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--uts',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      BOOT,
      directory,
      name,
      String(shutdownMs / 1000),
    ],
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  child.once('exit', (code) => onExit(code === EXIT_REBOOT));
  child.once('error', () => onExit(false));
  child.unref();
  const pid = child.pid ?? 0;
  return { pid, startTime: startTimeOf(pid) ?? '' };
}

/**
 * Removes what a guest leaves behind.
 *
 * @param {string} directory
 */
export function removeGuest(directory) {
  rmSync(directory, { recursive: true, force: true });
}

/**
 * Waits for the banner of an ssh server; without a limit when none is given, as the daemon does.
 *
 * @param {string} host
 * @param {number} [limitMs]
 * @returns {Promise<boolean>}
 */
export function answersSsh(host, limitMs) {
  return new Promise((resolve) => {
    const socket = connect(22, host);
    const end = (/** @type {boolean} */ isThere) => {
      socket.destroy();
      resolve(isThere);
    };
    if (limitMs !== undefined) socket.setTimeout(limitMs, () => end(false));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** How long a try to see a booting guest's sshd takes at most. */
export const SSH_TRY_MS = BANNER_TRY_MS;
