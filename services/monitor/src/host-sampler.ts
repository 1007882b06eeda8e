import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, type CpuInfo, cpus, hostname } from 'node:os';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { SampleBasis } from '@golem-provider/contracts';
import { abortable, isErrorCode } from '@golem-provider/service-kit';
import { mem } from 'systeminformation/lib/memory.js';
import { CGROUP_ROOT, type CgroupReading, readCgroup } from './cgroup.ts';
import { type CpuCounters, cpuPercent } from './cpu-load.ts';
import type { Amount, HostReading } from './sample.ts';
import { measureVmFiles } from './vm-files.ts';
import type { VmPlace } from './vm-place.ts';

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

/** What a sampler looks at; tests look at something else. */
export interface HostSamplerOptions {
  /** Asked at each look, as a hypervisor may be installed at any time. */
  readonly findPlace: () => Promise<VmPlace>;
  /** The limits of our container, and what is used of them. */
  readonly readGroup?: () => Promise<CgroupReading>;
  /** The times of the machine's cores. */
  readonly coreTimes?: () => readonly CoreTimes[];
}

/** What a core has spent its time on, ms. */
type CoreTimes = CpuInfo['times'];

/** Where nothing but the machine itself limits VMs. */
const NO_LIMITS: CgroupReading = {
  memoryLimitBytes: undefined,
  memoryUsedBytes: undefined,
  cpuQuotaCores: undefined,
  cpuUsedMs: undefined,
};

/**
 * The counters of all cores. systeminformation's own load adds the time of guests to user time, which holds it already,
 * and so finds a host of VMs busier than it is; it also starts a shell for each look.
 */
function cpuCounters(times: readonly CoreTimes[], group: CgroupReading): CpuCounters {
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
async function readMemory(group: CgroupReading): Promise<Amount & { readonly scope: SampleBasis['memory'] }> {
  const { total, available } = await mem();
  if (!(total > 0) || !(available >= 0)) throw new Error('the memory of the machine could not be read');
  const machine = { totalBytes: total, usedBytes: Math.max(0, total - available), scope: 'machine' as const };
  const { memoryLimitBytes, memoryUsedBytes } = group;
  if (memoryLimitBytes === undefined || memoryLimitBytes >= total) return machine;
  // A limit does not set memory aside: where the machine has less left than the container might take, that counts.
  const left = Math.min(available, memoryLimitBytes - (memoryUsedBytes ?? 0));
  return { totalBytes: memoryLimitBytes, usedBytes: Math.max(0, memoryLimitBytes - left), scope: 'container' };
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
    // Where a directory is closed to us, its parent is on the same file system but for a mount right there.
    if (!isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES') || parent === path) throw error;
    return readStorage(parent);
  }
}

/** The platform in the words of the discovery service. */
function platformName(architecture: string): string {
  return architecture === 'x64' ? 'x86_64' : architecture;
}

/** The sampler of this machine. */
export function createHostSampler(options: HostSamplerOptions): HostSampler {
  const { findPlace } = options;
  const readGroup = options.readGroup ?? (() => readCgroup(CGROUP_ROOT));
  const coreTimes = options.coreTimes ?? (() => cpus().map(({ times }) => times));
  let last: CpuCounters | undefined;
  let current: Promise<HostReading> | undefined;

  const look = async (): Promise<HostReading> => {
    const place = await findPlace();
    const limits = async (): Promise<CgroupReading> => (place.runIn === 'container' ? readGroup() : NO_LIMITS);
    if (last === undefined) {
      last = cpuCounters(coreTimes(), await limits());
      await delay(FIRST_LOOK_MS);
    }
    const group = await limits();
    const [{ scope, ...memory }, storage, vmFiles] = await Promise.all([
      readMemory(group),
      readStorage(place.path),
      measureVmFiles(place.path),
    ]);
    const counters = cpuCounters(coreTimes(), group);
    const load = cpuPercent(last, counters);
    last = counters;
    const machineCores = availableParallelism();
    const cores = Math.min(machineCores, group.cpuQuotaCores ?? Infinity);
    return {
      cores,
      cpuPercent: load,
      memory,
      storage,
      vmBytes: vmFiles.bytes,
      hostname: hostname(),
      platform: platformName(arch()),
      basis: {
        cpu: cores < machineCores ? 'container' : 'machine',
        memory: scope,
        storage_path: place.path,
        vm_files: vmFiles.isComplete ? 'counted' : 'unreadable',
      },
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
