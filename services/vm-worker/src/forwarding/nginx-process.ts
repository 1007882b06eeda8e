import { readdir, readFile, readlink } from 'node:fs/promises';
import { isErrorCode } from '@golem-provider/service-kit';
import { type ListeningSocket, parseListeningSockets } from './socket-table.ts';

const MASTER_TITLE = 'nginx: master process';
const WORKER_TITLE = 'nginx: worker process';
const LEAVING_TITLE = 'nginx: worker process is shutting down';

/** The workers of an nginx. */
export interface NginxWorkers {
  /** Those that accept connections. */
  readonly active: readonly number[];
  /** Those that an earlier reload retired and that stay until their last session ends. */
  readonly leaving: readonly number[];
}

/** A file of `/proc`; undefined when there is none, as when the process has ended. */
async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The title of a process: what it was started with, or what it has written there since. */
async function titleOf(pid: number): Promise<string> {
  return ((await readProc(`/proc/${pid}/cmdline`)) ?? '').replaceAll('\0', ' ').trim();
}

/**
 * The process id in a pid file, when that process is a master of nginx whose title `isOurs` accepts. An empty or stale
 * file gives undefined.
 */
export async function findMaster(pidFile: string, isOurs: (title: string) => boolean): Promise<number | undefined> {
  const pid = Number((await readProc(pidFile))?.trim());
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const title = await titleOf(pid);
  return title.startsWith(MASTER_TITLE) && isOurs(title) ? pid : undefined;
}

async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isSafeInteger(pid));
}

/** Every master of nginx whose title `isOurs` accepts, whatever a pid file says. */
export async function mastersTitled(isOurs: (title: string) => boolean): Promise<number[]> {
  const masters: number[] = [];
  for (const pid of await allPids()) {
    const title = await titleOf(pid);
    if (title.startsWith(MASTER_TITLE) && isOurs(title)) masters.push(pid);
  }
  return masters;
}

async function childrenOf(parent: number): Promise<number[]> {
  const list = await readProc(`/proc/${parent}/task/${parent}/children`);
  if (list !== undefined) return list.split(' ').filter(Boolean).map(Number);
  // A kernel without CONFIG_PROC_CHILDREN.
  const children: number[] = [];
  for (const pid of await allPids()) {
    const status = await readProc(`/proc/${pid}/stat`);
    // The name of a program may hold anything, a parenthesis too: the fields are counted from the last one.
    if (status !== undefined && Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === parent) {
      children.push(pid);
    }
  }
  return children;
}

/** The workers of a master; none when it has ended. */
export async function workersOf(master: number): Promise<NginxWorkers> {
  const active: number[] = [];
  const leaving: number[] = [];
  for (const pid of await childrenOf(master)) {
    const title = await titleOf(pid);
    if (title.startsWith(LEAVING_TITLE)) leaving.push(pid);
    else if (title.startsWith(WORKER_TITLE)) active.push(pid);
  }
  return { active, leaving };
}

async function openFiles(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`;
  try {
    const links = (await readdir(directory)).map((name) => readlink(`${directory}/${name}`).catch(() => ''));
    return await Promise.all(links);
  } catch {
    return [];
  }
}

/** Workers, whoever their master is or was, that hold a file open: how the workers of a killed master are known again. */
export async function workersHolding(file: string): Promise<NginxWorkers> {
  const active: number[] = [];
  const leaving: number[] = [];
  for (const pid of await allPids()) {
    const title = await titleOf(pid);
    if (!title.startsWith(WORKER_TITLE) || !(await openFiles(pid)).includes(file)) continue;
    (title.startsWith(LEAVING_TITLE) ? leaving : active).push(pid);
  }
  return { active, leaving };
}

/** Every TCP port that is listened on in the network that a process sees. */
export async function allListening(pid: number | 'self'): Promise<ListeningSocket[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readProc(`/proc/${pid}/net/${name}`)));
  return tables.flatMap((table) => parseListeningSockets(table ?? ''));
}

/** The TCP ports that a process itself listens on. */
export async function listeningOf(pid: number): Promise<ListeningSocket[]> {
  const held = new Set(await openFiles(pid));
  return (await allListening(pid)).filter(({ inode }) => held.has(`socket:[${inode}]`));
}

/** Sends a signal; a process that has ended is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrorCode(error, 'ESRCH')) throw error;
  }
}
