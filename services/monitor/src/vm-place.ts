import { access } from 'node:fs/promises';
import type { Settings } from '@golem-provider/contracts';
import { isErrorCode } from '@golem-provider/service-kit';

/** Where the VMs of this host live. */
export interface VmPlace {
  /** A directory on the file system that holds their disks; it need not exist yet. */
  readonly path: string;
  /** Whether they run beside this process, within the limits of its container, or outside any container of ours. */
  readonly runIn: 'container' | 'machine';
}

/** Where Multipass keeps its instances: as a snap, as root of a Linux without snaps, on macOS. */
const MULTIPASS_DIRECTORIES = [
  '/var/snap/multipass/common/data/multipassd',
  '/root/.local/share/multipassd',
  '/var/root/Library/Application Support/multipassd',
];

/** Whether it exists, as far as this user may know. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
    throw error;
  }
}

/** What decides about the place. */
export type VmPlaceSettings = Pick<Settings, 'HYPERVISOR' | 'MULTIPASS_BINARY_PATH' | 'STORAGE_PATH'>;

/**
 * Looks where the VMs live: where `STORAGE_PATH` says, where an installed Multipass keeps them, otherwise under `dataRoot`,
 * as with QEMU. The daemon of Multipass serves the whole machine, whatever container its client runs in.
 */
export async function findVmPlace(
  settings: VmPlaceSettings,
  dataRoot: string,
  directories: readonly string[] = MULTIPASS_DIRECTORIES,
): Promise<VmPlace> {
  const { HYPERVISOR, MULTIPASS_BINARY_PATH, STORAGE_PATH } = settings;
  let found: string | undefined;
  for (const directory of HYPERVISOR === 'qemu' ? [] : directories) {
    if (found === undefined && (await exists(directory))) found = directory;
  }
  const isMultipass =
    HYPERVISOR === 'multipass' || (HYPERVISOR === 'auto' && (MULTIPASS_BINARY_PATH ?? found) !== undefined);
  return { path: STORAGE_PATH ?? found ?? dataRoot, runIn: isMultipass ? 'machine' : 'container' };
}
