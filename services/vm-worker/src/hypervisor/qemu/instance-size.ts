import { BYTES_PER_GIB, isSameSpec, type VmId, type VmSpec } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { z } from 'zod';
import type { CommandRunner, CommandSpec } from '../../exec/command-runner.ts';
import { fileFailure, runTool } from '../../exec/run-tool.ts';
import { handOver } from './instance-builder.ts';
import { INSTANCE_FILES, type InstanceDescription, type InstanceFiles } from './instance-files.ts';
import { guestUid, type ProcessUser } from './qemu-identity.ts';

const DISK_TIMEOUT_MS = 60_000;

const DiskInfo = z.object({ 'virtual-size': z.int().min(1) });

/** What sizes are read and changed with. */
export interface MachineSizeDeps {
  readonly files: InstanceFiles;
  readonly run: CommandRunner;
}

/** Reads and changes what machines are given. */
export interface MachineSize {
  /** See `Hypervisor.readSpec`. */
  read(description: InstanceDescription, hasOwnUsers: boolean, signal: AbortSignal): Promise<VmSpec>;
  /** See `Hypervisor.resize`; of a machine that is known to be off. */
  change(description: InstanceDescription, spec: VmSpec, hasOwnUsers: boolean, signal: AbortSignal): Promise<void>;
}

/** The refusal of a resize, with nothing changed. */
export function resizeRefusal(id: VmId, why: string, publicDetail: string): AppError {
  return new AppError('HYPERVISOR_FAILED', `resizing ${id}: ${why}`, { retryable: false, publicDetail });
}

/**
 * The size of a machine's disk from the answer of `qemu-img info --output=json`, in GiB, rounded up.
 *
 * @throws AppError `HYPERVISOR_FAILED` for anything else.
 */
export function parseDiskGib(json: string): number {
  try {
    return Math.ceil(DiskInfo.parse(JSON.parse(json))['virtual-size'] / BYTES_PER_GIB);
  } catch (cause) {
    throw new AppError('HYPERVISOR_FAILED', 'reading the size of a disk', { cause });
  }
}

/** Sizes over the files of the machines. */
export function createMachineSize({ files, run }: MachineSizeDeps): MachineSize {
  /**
   * The disk's header is the guest's to write once it has broken out of its QEMU, and may name any file: it is read by nobody
   * but the machine's own user, in its directory.
   */
  const onDisk = ({ id }: InstanceDescription, user: ProcessUser | null, args: readonly string[]): CommandSpec => ({
    program: 'qemu-img',
    args,
    directory: files.path(id),
    ...(user !== null && { user: { uid: user.uid, gid: user.gid } }),
    timeoutMs: DISK_TIMEOUT_MS,
  });

  const userOf = ({ id, uid }: InstanceDescription, hasOwnUsers: boolean): ProcessUser | null => {
    if (!hasOwnUsers) return null;
    const own = uid ?? guestUid(id);
    return { uid: own, gid: own };
  };

  const diskGib = async (
    description: InstanceDescription,
    user: ProcessUser | null,
    signal: AbortSignal,
  ): Promise<number> => {
    // The disk of a machine that runs is locked; its size can be read all the same.
    const args = ['info', '--force-share', '--output=json', '-f', 'qcow2', INSTANCE_FILES.disk];
    const { stdout } = await runTool(
      run,
      onDisk(description, user, args),
      `reading the disk of ${description.id}`,
      signal,
    );
    return parseDiskGib(stdout);
  };

  const read: MachineSize['read'] = async (description, hasOwnUsers, signal) => {
    const user = userOf(description, hasOwnUsers);
    // As at a start: where a worker that was no root made the machine, its files are still that worker's.
    await handOver(files.path(description.id), user);
    return { ...description.spec, storage_gb: await diskGib(description, user, signal) };
  };

  return {
    read,
    async change(description, spec, hasOwnUsers, signal) {
      const { id } = description;
      const user = userOf(description, hasOwnUsers);
      const before = await read(description, hasOwnUsers, signal);
      if (spec.storage_gb < before.storage_gb)
        throw resizeRefusal(id, `its disk has ${before.storage_gb} GiB`, 'The disk of a VM cannot shrink.');
      if (spec.storage_gb > before.storage_gb) {
        const args = ['resize', '-q', '-f', 'qcow2', INSTANCE_FILES.disk, `${spec.storage_gb}G`];
        await runTool(run, onDisk(description, user, args), `growing the disk of ${id}`, signal);
      }
      if (isSameSpec(description.spec, spec)) return;
      signal.throwIfAborted();
      await files.redescribe({ ...description, spec }).catch((cause: unknown) => {
        throw fileFailure(cause, `resizing ${id}`);
      });
    },
  };
}
