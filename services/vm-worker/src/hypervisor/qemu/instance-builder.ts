import { chmod, chown, lchown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BYTES_PER_GIB, type VmId } from '@golem-provider/contracts';
import { AppError, isAppError } from '@golem-provider/service-kit';
import type { CommandRunner } from '../../exec/command-runner.ts';
import { fileFailure, runTool } from '../../exec/run-tool.ts';
import type { StoredImage } from '../../images/image-store.ts';
import type { InstanceSpec } from '../hypervisor.ts';
import { INSTANCE_FILES, type InstanceDescription, type InstanceFiles } from './instance-files.ts';
import { guestUid, type ProcessUser } from './qemu-identity.ts';
import { makeSeed } from './seed.ts';

const OVERLAY_TIMEOUT_MS = 60_000;

/** What building works with. */
export interface InstanceBuilderDeps {
  readonly files: InstanceFiles;
  readonly run: CommandRunner;
}

/** The overlay's backing file as seen from the machine's directory: so it stays right when the data directory is moved. */
export function imagePath(imageDirectory: string, file: string): string {
  return `../../images/${imageDirectory}/${file}`;
}

/** @throws AppError `HYPERVISOR_FAILED` when the image does not fit; a smaller disk than the image's cannot hold it. */
function checkStorage(storageGiB: number, image: StoredImage): void {
  const needed = Math.ceil(image.description.virtual_size_bytes / BYTES_PER_GIB);
  if (storageGiB >= needed) return;
  throw new AppError('HYPERVISOR_FAILED', `${storageGiB} GiB of storage for ${image.name}, which needs ${needed}`, {
    retryable: false,
    publicDetail: `The image ${image.name} needs at least ${needed} GiB of storage.`,
  });
}

/**
 * Gives the machine's user what it needs, and no more: it may enter the machine's directory, and owns the disk, the seed and
 * the directory of its socket. A null user is this process's own.
 */
export async function handOver(directory: string, user: ProcessUser | null): Promise<void> {
  await mkdir(join(directory, INSTANCE_FILES.run), { mode: 0o700, recursive: true });
  if (user === null) return;
  const { uid, gid } = user;
  for (const name of [INSTANCE_FILES.disk, INSTANCE_FILES.seed, INSTANCE_FILES.run])
    await lchown(join(directory, name), uid, gid);
  await chown(directory, process.getuid?.() ?? 0, gid);
  await chmod(directory, 0o710);
}

/** What `runInGuest` logs in with; these files stay ours. */
async function writeLogin(directory: string, spec: InstanceSpec): Promise<void> {
  const { id, hostPublicKey, managementPrivateKey } = spec;
  if (managementPrivateKey === null) return;
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(directory, name), text, { mode: 0o600, flush: true });
  await write(INSTANCE_FILES.managementKey, managementPrivateKey);
  await write(INSTANCE_FILES.knownHosts, `${id} ${hostPublicKey}\n`);
}

async function takenUids(files: InstanceFiles, except: VmId): Promise<Set<number>> {
  const others = (await files.ids()).filter((id) => id !== except);
  const descriptions = await Promise.all(
    others.map((id) =>
      files.describe(id).catch((error: unknown) => {
        // A damaged neighbour must not keep a new machine from being made; the odds of meeting its uid are one in 10^8.
        if (isAppError(error) && error.code === 'HYPERVISOR_FAILED') return undefined;
        throw error;
      }),
    ),
  );
  return new Set(descriptions.flatMap((description) => description?.uid ?? []));
}

/**
 * Makes a machine's directory: overlay, seed, description. It appears whole or not at all.
 *
 * @throws AppError `HYPERVISOR_FAILED` and what the helper programs throw; the signal's reason.
 */
export async function buildInstance(
  { files, run }: InstanceBuilderDeps,
  spec: InstanceSpec,
  image: StoredImage,
  hasOwnUsers: boolean,
  signal: AbortSignal,
): Promise<void> {
  checkStorage(spec.spec.storage_gb, image);
  const { id } = spec;
  const partial = files.partialPath(id);
  const path = (name: string): string => join(partial, name);
  try {
    const uid = hasOwnUsers ? guestUid(id, await takenUids(files, id)) : null;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
    await runTool(
      run,
      overlayCommand(path(INSTANCE_FILES.disk), image, spec.spec.storage_gb),
      `making the disk of ${id}`,
      signal,
    );
    await makeSeed(run, spec, path(INSTANCE_FILES.seed), signal);
    for (const name of [INSTANCE_FILES.disk, INSTANCE_FILES.seed]) await chmod(path(name), 0o600);
    await handOver(partial, uid === null ? null : { uid, gid: uid });
    await writeLogin(partial, spec);
    const description: InstanceDescription = {
      id,
      spec: spec.spec,
      image: image.name,
      image_directory: image.directoryName,
      uid,
    };
    await writeFile(path(INSTANCE_FILES.description), JSON.stringify(description), { mode: 0o600, flush: true });
    // A directory without a description is not a machine: nothing of value can be in it.
    await rm(files.path(id), { recursive: true, force: true });
    await rename(partial, files.path(id));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    signal.throwIfAborted();
    throw isAppError(error) ? error : fileFailure(error, `making ${id}`);
  }
}

function overlayCommand(disk: string, image: StoredImage, storageGiB: number): Parameters<CommandRunner>[0] {
  const backing = imagePath(image.directoryName, image.description.disk);
  return {
    program: 'qemu-img',
    args: ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, disk, `${storageGiB}G`],
    timeoutMs: OVERLAY_TIMEOUT_MS,
  };
}
