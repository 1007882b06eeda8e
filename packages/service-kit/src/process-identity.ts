import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isErrorCode } from './error-code.ts';
import { pause } from './waiting.ts';

/** Tells one process from every other, also from a later one that got the same pid. */
export const ProcessIdentity = z.object({
  pid: z.int().min(1),
  /** The boot of the machine and the moment in it at which the process began. */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

const POLL_MS = 50;

interface ProcessStat {
  readonly state: string;
  readonly startTicks: string;
}

/** Reads the text of `/proc/PID/stat`; the program's name in it may hold spaces and brackets. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  // proc(5): field 3 is the state, field 22 the start; the name is field 2.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** The identity of a running process; undefined where there is none, or only its exit status is left. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = parseProcessStat(readProc(`${pid}/stat`) ?? '');
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  const boot = readProc('sys/kernel/random/boot_id')?.trim() ?? '';
  return { pid, started: `${boot}:${stat.startTicks}` };
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/** Sends a signal to this very process; false when it does not run any more. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (isErrorCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/**
 * Waits until a process, not necessarily a child, is gone. False when it still runs after `timeoutMs`.
 *
 * @throws the signal's reason when that aborts first.
 */
export async function waitForEnd(
  identity: ProcessIdentity,
  timeoutMs: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isRunning(identity)) {
    if (performance.now() >= deadline) return false;
    await pause(POLL_MS, signal);
  }
  return true;
}

/** Ends a process that is not our child: SIGTERM, and SIGKILL when it still runs after `patienceMs`. */
export async function endProcess(identity: ProcessIdentity, patienceMs: number): Promise<void> {
  if (!signalProcess(identity, 'SIGTERM') || (await waitForEnd(identity, patienceMs))) return;
  signalProcess(identity, 'SIGKILL');
  if (!(await waitForEnd(identity, patienceMs))) throw new Error(`process ${identity.pid} cannot be ended`);
}
