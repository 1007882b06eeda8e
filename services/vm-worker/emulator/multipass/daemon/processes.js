import { readFileSync } from 'node:fs';

/**
 * When a process was started, in ticks since the boot of the host; undefined when there is none. A pid alone may have been
 * given to another process meanwhile.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/**
 * Kills a process if it is still the one that was meant.
 *
 * @param {{ pid: number, startTime: string }} ref
 */
export function killProcess({ pid, startTime }) {
  if (startTimeOf(pid) !== startTime) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
