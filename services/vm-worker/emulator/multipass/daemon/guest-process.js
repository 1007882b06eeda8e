import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from './processes.js';

/** How `boot.sh` ends when somebody in the guest wants a reboot. */
const EXIT_REBOOT = 77;
const BOOT = fileURLToPath(new URL('../guest/boot.sh', import.meta.url));

/**
 * Starts the guest. It outlives the daemon.
 *
 * @param {string} directory
 * @param {{ hostname: string, shutdownMs: number, delayMs: number }} guest
 * @param {(isReboot: boolean) => void} onExit
 * @returns {import('./processes.js').ProcessRef}
 */
export function powerOnGuest(directory, { hostname, shutdownMs, delayMs }, onExit) {
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
      hostname,
      String(shutdownMs / 1000),
      String(delayMs / 1000),
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
