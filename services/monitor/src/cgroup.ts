import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';

/** What a container is given and has used; undefined for what nothing is said about. */
export interface CgroupReading {
  readonly memoryLimitBytes: number | undefined;
  /** Without the page cache, which gives way when memory is needed. */
  readonly memoryUsedBytes: number | undefined;
  readonly cpuQuotaCores: number | undefined;
  readonly cpuUsedMs: number | undefined;
}

/**
 * The root of the hierarchy as this process sees it. In a container that is the container's own group; on a machine it
 * is the kernel's root, which has no limits. The group of our own process is not asked on purpose: under systemd it is
 * that of the monitor's unit, whose limits are not those of the VMs.
 */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/** The files of a version of cgroups, by what they hold. */
interface CgroupFiles {
  readonly memoryLimit: string | undefined;
  readonly memoryUsed: string | undefined;
  readonly memoryStat: string | undefined;
  /** `cpu.max` of version 2, or quota and period of version 1 joined by a space. */
  readonly cpuMax: string | undefined;
  readonly cpuUsedMs: number | undefined;
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** The value of a key in a file of `key value` lines. */
function statValue(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return number(line?.slice(key.length + 1));
}

/** What the files say. `max`, `-1` and anything unreadable mean no limit; version 1 writes a huge number instead. */
function interpretCgroup(files: CgroupFiles): CgroupReading {
  const used = number(files.memoryUsed);
  // Version 1 has both forms; only those with `total_` count the groups below.
  const cache = ['inactive_file', 'active_file'].map(
    (key) => statValue(files.memoryStat, `total_${key}`) ?? statValue(files.memoryStat, key) ?? 0,
  );
  const [quota, period] = (files.cpuMax ?? '').split(' ').map(number);
  return {
    memoryLimitBytes: number(files.memoryLimit),
    memoryUsedBytes: used === undefined ? undefined : Math.max(0, used - cache.reduce((sum, part) => sum + part, 0)),
    cpuQuotaCores: quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined,
    cpuUsedMs: files.cpuUsedMs,
  };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Of a controller that is switched off, or of the kernel's root, there is no such file.
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENODEV', 'EOPNOTSUPP')) return undefined;
    throw error;
  }
}

/** Reads the limits of version 2, or those of version 1 where that is mounted. */
export async function readCgroup(root: string): Promise<CgroupReading> {
  const file = (...names: string[]): Promise<string | undefined> => readText(join(root, ...names));
  if ((await file('cgroup.controllers')) !== undefined) {
    const cpuUsed = statValue(await file('cpu.stat'), 'usage_usec');
    return interpretCgroup({
      memoryLimit: await file('memory.max'),
      memoryUsed: await file('memory.current'),
      memoryStat: await file('memory.stat'),
      cpuMax: await file('cpu.max'),
      cpuUsedMs: cpuUsed === undefined ? undefined : cpuUsed / 1000,
    });
  }
  const cpuUsed = number(await file('cpuacct', 'cpuacct.usage'));
  return interpretCgroup({
    memoryLimit: await file('memory', 'memory.limit_in_bytes'),
    memoryUsed: await file('memory', 'memory.usage_in_bytes'),
    memoryStat: await file('memory', 'memory.stat'),
    cpuMax: `${(await file('cpu', 'cpu.cfs_quota_us'))?.trim() ?? ''} ${(await file('cpu', 'cpu.cfs_period_us')) ?? ''}`,
    cpuUsedMs: cpuUsed === undefined ? undefined : cpuUsed / 1e6,
  });
}
