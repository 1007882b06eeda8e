import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorCode } from '@golem-provider/service-kit';

const LOOK_MS = 10;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** A process of this machine. */
export interface FoundProcess {
  readonly pid: number;
  readonly line: string;
}

/** Processes whose command line mentions a text. */
export function processesNaming(text: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({ pid: Number(entry), line: read(`/proc/${entry}/cmdline`).replaceAll('\0', ' ').trim() }))
    .filter(({ line }) => line.includes(text));
}

/** Processes that have a file of a directory open. */
export function processesHolding(directory: string): number[] {
  const openFiles = (pid: number): string[] => {
    try {
      return readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // It has ended meanwhile, or has closed a file.
      return [];
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => openFiles(pid).some((file) => file.startsWith(`${directory}/`)));
}

/** The processes that a process has started and that run. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

/** Sends a signal to a process that may have ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrorCode(error, 'ESRCH')) throw error;
  }
}

/** Whether a process stands still, as by `kill -STOP`. */
export function isStopped(pid: number): boolean {
  return read(`/proc/${pid}/stat`).includes(') T ');
}

/** Whether it is there, and no zombie. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && !/\) [ZX] /.test(stat);
}

/** Resolves with true once something holds, with false when the time has passed or `until` holds before. */
export async function untilTrue(holds: () => boolean, limitMs: number, until = (): boolean => false): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() >= deadline || until()) return holds();
    await delay(LOOK_MS);
  }
  return true;
}
