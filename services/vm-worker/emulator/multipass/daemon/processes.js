import { readdirSync, readFileSync } from 'node:fs';

/** @typedef {{ pid: number, startTime: string }} ProcessRef */

/**
 * @param {unknown} error
 * @returns {boolean} Whether it says that there is no such process.
 */
function isGone(error) {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

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
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Sends a signal to a process if it is still the one that was meant.
 *
 * @param {ProcessRef} ref
 * @param {NodeJS.Signals} signal
 */
export function signalProcess({ pid, startTime }, signal) {
  if (startTimeOf(pid) !== startTime) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** @type {() => Map<number, number[]>} */
function childrenByParent() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return children;
}

/**
 * Sends a signal to a process and to all that descend from it.
 *
 * @param {ProcessRef} root
 * @param {'SIGSTOP' | 'SIGCONT'} signal
 */
export function signalTree(root, signal) {
  /** @type {Set<number>} */
  const done = new Set();
  // A process may have forked before the signal reached it; its child shows in the next round.
  for (let found = true; found;) {
    found = false;
    const children = childrenByParent();
    const waiting = [root.pid];
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      waiting.push(...(children.get(pid) ?? []));
      if (done.has(pid)) continue;
      done.add(pid);
      found = true;
      signalProcess({ pid, startTime: pid === root.pid ? root.startTime : (startTimeOf(pid) ?? '') }, signal);
    }
  }
}
