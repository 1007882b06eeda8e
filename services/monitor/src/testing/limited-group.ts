import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BYTES_PER_GIB } from '@golem-provider/contracts';
import { isErrorCode } from '@golem-provider/service-kit';
import { eventually, temporaryDirectory } from '@golem-provider/testing';
import { CGROUP_ROOT, type CgroupReading, readCgroup } from '../cgroup.ts';

/** A process that a test started. */
export interface Child {
  readonly pid: number;
  /** Ends it and waits for its end. */
  end(): Promise<void>;
}

/** A group of processes that may use one core and 1 GiB, and has the machine's word for what it uses. */
export interface LimitedGroup {
  read(): Promise<CgroupReading>;
  /** Starts Node in the group with a script. */
  run(script: string): Promise<Child>;
  dispose(): Promise<void>;
}

/** The limits as the files of both versions of cgroups take them. */
const LIMITS_V2 = { 'cpu.max': '100000 100000', 'memory.max': String(BYTES_PER_GIB) };
const LIMITS_V1 = {
  'cpu/cpu.cfs_period_us': '100000',
  'cpu/cpu.cfs_quota_us': '100000',
  'memory/memory.limit_in_bytes': String(BYTES_PER_GIB),
};
const CONTROLLERS_V1 = ['cpu', 'cpuacct', 'memory'];

/** A directory in which the group's files have the places that `readCgroup` knows, and the groups to join. */
interface Cgroup {
  readonly root: string;
  readonly members: readonly string[];
  remove(): Promise<void>;
}

async function createCgroup(): Promise<Cgroup> {
  const name = `golem-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const isV2 = await access(join(CGROUP_ROOT, 'cgroup.controllers')).then(
    () => true,
    () => false,
  );
  const groups = isV2
    ? [join(CGROUP_ROOT, name)]
    : CONTROLLERS_V1.map((controller) => join(CGROUP_ROOT, controller, name));
  const directory = await temporaryDirectory();
  const root = isV2 ? join(CGROUP_ROOT, name) : directory.path;
  const remove = async (): Promise<void> => {
    // The kernel lets go of a group a moment after the last process in it.
    for (const group of groups) {
      await eventually(() =>
        rmdir(group).catch((error: unknown) => {
          if (!isErrorCode(error, 'ENOENT')) throw error;
        }),
      );
    }
    await directory.dispose();
  };
  try {
    for (const group of groups) await mkdir(group);
    if (!isV2) {
      for (const controller of CONTROLLERS_V1) {
        await symlink(join(CGROUP_ROOT, controller, name), join(root, controller));
      }
    }
    for (const [file, limit] of Object.entries(isV2 ? LIMITS_V2 : LIMITS_V1)) await writeFile(join(root, file), limit);
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, members: groups.map((group) => join(group, 'cgroup.procs')), remove };
}

/** What the kernel says of one process: where no group may be made, it stands for a group. */
async function readProcess(pid: number | undefined): Promise<CgroupReading> {
  const limits = { memoryLimitBytes: BYTES_PER_GIB, cpuQuotaCores: 1 };
  if (pid === undefined) return { ...limits, memoryUsedBytes: 0, cpuUsedMs: 0 };
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return {
    ...limits,
    memoryUsedBytes: Number(resident?.[1] ?? 0) * 1024,
    cpuUsedMs: ((user ?? 0) + (system ?? 0)) * 10,
  };
}

/** Makes a group: a real one where this user may make one, otherwise one process that is taken for it. */
export async function createLimitedGroup(): Promise<LimitedGroup> {
  const cgroup = await createCgroup().catch((error: unknown) => {
    if (isErrorCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) return undefined;
    throw error;
  });
  const children = new Set<Child>();
  let alone: number | undefined;
  return {
    read: () => (cgroup === undefined ? readProcess(alone) : readCgroup(cgroup.root)),
    async run(script) {
      // Waits for a line before it begins, so that all it does is done in the group.
      const program = `process.stdin.once('data', () => { ${script} });`;
      const child = spawn(process.execPath, ['--eval', program], { stdio: ['pipe', 'ignore', 'inherit'] });
      const exited = once(child, 'exit');
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      for (const file of cgroup?.members ?? []) await writeFile(file, String(pid));
      alone = pid;
      child.stdin.write('begin\n');
      const end = async (): Promise<void> => {
        alone = undefined;
        children.delete(handle);
        child.kill('SIGKILL');
        await exited;
      };
      const handle: Child = { pid, end };
      children.add(handle);
      return handle;
    },
    async dispose() {
      for (const child of children) await child.end();
      await cgroup?.remove();
    },
  };
}
