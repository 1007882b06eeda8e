import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, hostname } from 'node:os';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { abortable, isErrorCode } from '@golem-provider/service-kit';
import { mem } from 'systeminformation';
import { CGROUP_ROOT, type CgroupReading, readCgroup } from './cgroup.ts';
import { type CpuCounters, cpuPercent } from './cpu-load.ts';
import type { Amount, HostReading } from './sample.ts';

/** How long the first look waits between its two readings of the CPU counters. */
const FIRST_LOOK_MS = 250;

/** Looks at the machine. */
export interface HostSampler {
  /**
   * One look. When the signal aborts it rejects with the signal's reason; a system call that hangs (a dead network file
   * system) is waited for by the next look, so that no more than one ever hangs.
   */
  read(signal: AbortSignal): Promise<HostReading>;
}

/** Where to look. */
export interface HostSamplerOptions {
  /** Any path on the file system that holds the VMs; it need not exist yet. */
  readonly storagePath: string;
  readonly cgroupRoot?: string;
}

/**
 * The counters of all cores. systeminformation's own load adds the time of guests to user time, which holds it already,
 * and so finds a host of VMs busier than it is; it also starts a shell for each look.
 */
function cpuCounters(group: CgroupReading): CpuCounters {
  const times = cpus().map((core) => core.times);
  const total = times.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0);
  const idle = times.reduce((sum, core) => sum + core.idle, 0);
  const { cpuQuotaCores: quotaCores, cpuUsedMs: usedMs } = group;
  return {
    atMs: performance.now(),
    busy: total - idle,
    total,
    group: quotaCores === undefined || usedMs === undefined ? undefined : { usedMs, quotaCores },
  };
}

/** Memory that is not available counts as used; page cache is available. In a container its limit holds if it is lower. */
async function readMemory(group: CgroupReading): Promise<Amount> {
  const { total, available } = await mem();
  if (!(total > 0) || !(available >= 0)) throw new Error('the memory of the machine could not be read');
  const machine = { totalBytes: total, usedBytes: Math.max(0, total - available) };
  const { memoryLimitBytes, memoryUsedBytes } = group;
  if (memoryLimitBytes === undefined || memoryLimitBytes >= total) return machine;
  // A limit does not set memory aside: where the machine has less left than the container might take, that counts.
  const left = Math.min(available, memoryLimitBytes - (memoryUsedBytes ?? 0));
  return { totalBytes: memoryLimitBytes, usedBytes: Math.max(0, memoryLimitBytes - left) };
}

/**
 * As `df` reckons: used against used and available, without the blocks that are set aside for root. The size is that
 * same sum, so that 100 % is when nothing more can be written and nothing is sold that only root could use.
 */
async function readStorage(path: string): Promise<Amount> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(path);
    return { totalBytes: (blocks - bfree + bavail) * bsize, usedBytes: (blocks - bfree) * bsize };
  } catch (error) {
    const parent = dirname(path);
    if (!isErrorCode(error, 'ENOENT', 'ENOTDIR') || parent === path) throw error;
    return readStorage(parent);
  }
}

/** The platform in the words of the discovery service. */
function platformName(architecture: string): string {
  return architecture === 'x64' ? 'x86_64' : architecture;
}

/** The sampler of this machine. */
export function createHostSampler({ storagePath, cgroupRoot = CGROUP_ROOT }: HostSamplerOptions): HostSampler {
  let last: CpuCounters | undefined;
  let current: Promise<HostReading> | undefined;

  const look = async (): Promise<HostReading> => {
    if (last === undefined) {
      last = cpuCounters(await readCgroup(cgroupRoot));
      await delay(FIRST_LOOK_MS);
    }
    const group = await readCgroup(cgroupRoot);
    const [memory, storage] = await Promise.all([readMemory(group), readStorage(storagePath)]);
    const counters = cpuCounters(group);
    const load = cpuPercent(last, counters);
    last = counters;
    return {
      cores: Math.min(availableParallelism(), group.cpuQuotaCores ?? Infinity),
      cpuPercent: load,
      memory,
      storage,
      hostname: hostname(),
      platform: platformName(arch()),
    };
  };

  return {
    read(signal) {
      current ??= look().finally(() => {
        current = undefined;
      });
      return abortable(current, signal);
    },
  };
}
