import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';

/** One process, for as long as it lives: the kernel gives the same pid again, but not with the same start. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks since the boot of the host. */
  readonly startTime: number;
}

/** A process as `/proc` shows it. */
export interface ProcessEntry extends ProcessRef {
  readonly uid: number;
  readonly argv: readonly string[];
}

/** State and start of a process from `/proc/<pid>/stat`; undefined for text that is none. */
export function parseStat(text: string): { readonly state: string; readonly startTime: number } | undefined {
  // The command's name is in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTime = Number(fields[19]);
  return state === undefined || !Number.isInteger(startTime) || startTime <= 0 ? undefined : { state, startTime };
}

/** The effective user from `/proc/<pid>/status`. */
export function parseUid(text: string): number | undefined {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(text)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** The arguments from `/proc/<pid>/cmdline`. */
export function parseCmdline(text: string): string[] {
  return text.split('\0').slice(0, -1);
}

/** Undefined when the process is gone, which may happen between any two reads. */
async function readProc(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(join('/proc', String(pid), file), 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

async function liveStartTime(pid: number): Promise<number | undefined> {
  const stat = parseStat((await readProc(pid, 'stat')) ?? '');
  // A zombie has ended; only its exit code is left.
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat.startTime;
}

/** Whether this very process still runs. */
export async function isProcessAlive({ pid, startTime }: ProcessRef): Promise<boolean> {
  return (await liveStartTime(pid)) === startTime;
}

/** This process for later comparison; undefined if it has ended. */
export async function processRef(pid: number): Promise<ProcessRef | undefined> {
  const startTime = await liveStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** The processes whose arguments `isWanted` accepts. */
export async function findProcesses(isWanted: (argv: readonly string[]) => boolean): Promise<ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries: ProcessEntry[] = [];
  for (const pid of pids) {
    const argv = parseCmdline((await readProc(pid, 'cmdline')) ?? '');
    if (!isWanted(argv)) continue;
    const uid = parseUid((await readProc(pid, 'status')) ?? '');
    const startTime = await liveStartTime(pid);
    if (uid !== undefined && startTime !== undefined) entries.push({ pid, startTime, uid, argv });
  }
  return entries;
}
