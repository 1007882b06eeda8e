import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VmId } from '@golem-provider/contracts';
import { isErrorCode } from '@golem-provider/service-kit';

/** How much the files of VMs take. */
export interface VmFiles {
  /** Bytes on the disk, not the size that a sparse file shows. */
  readonly bytes: ReadonlyMap<VmId, number>;
  /** False where a directory may not be read by this user; what lies there is not counted. */
  readonly isComplete: boolean;
}

/** Where the directory of all VMs may be below the place: ours, then those of Multipass on Linux, macOS and moved elsewhere. */
const VM_DIRECTORIES = ['instances', 'vault/instances', 'qemu/vault/instances', 'data/vault/instances'];

const BYTES_PER_BLOCK = 512;

/** The names in a directory; undefined where it may not be read, none where it is not there. */
async function namesIn(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrorCode(error, 'EACCES', 'EPERM')) return undefined;
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** A file that vanishes while we look takes nothing. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).blocks * BYTES_PER_BLOCK;
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return 0;
    throw error;
  }
}

/** What lies in the directory of one VM. Disks lie at the top of it, so no deeper look is needed. */
async function directorySize(path: string): Promise<number | undefined> {
  const names = await namesIn(path);
  if (names === undefined) return undefined;
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The VM that a directory belongs to: `<id>`, or `<id>.<state>` while it is made or removed. */
function ownerOf(name: string): VmId | undefined {
  return VmId.safeParse(name.split('.')[0]).data;
}

/** Measures the files of our VMs below a place. Costs a look at each file of each VM and reads none. */
export async function measureVmFiles(place: string): Promise<VmFiles> {
  const bytes = new Map<VmId, number>();
  let isComplete = true;
  for (const parent of VM_DIRECTORIES.map((directory) => join(place, directory))) {
    const names = await namesIn(parent);
    if (names === undefined) isComplete = false;
    for (const name of names ?? []) {
      const id = ownerOf(name);
      if (id === undefined) continue;
      const size = await directorySize(join(parent, name));
      if (size === undefined) isComplete = false;
      bytes.set(id, (bytes.get(id) ?? 0) + (size ?? 0));
    }
  }
  return { bytes, isComplete };
}
