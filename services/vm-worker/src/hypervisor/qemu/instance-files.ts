import { readdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmId, VmSpec } from '@golem-provider/contracts';
import { AppError, isAppError, isErrorCode } from '@golem-provider/service-kit';
import { z } from 'zod';

/**
 * Names within a machine's directory, the working directory of its QEMU. The directory and the files that we read and write
 * belong to us; only the disk, the seed and `run/` belong to the machine's user, so that a QEMU that was taken over cannot
 * put anything in the way of a worker that runs as root.
 */
export const INSTANCE_FILES = {
  /** What was asked for; written last, so a directory that has it is whole. */
  description: 'instance.json',
  disk: 'disk.qcow2',
  seed: 'seed.iso',
  /** With which we log in to the guest. Secret, mode 0600. */
  managementKey: 'management_key',
  /** The host key that the guest must show. */
  knownHosts: 'known_hosts',
  /** The loopback port that leads to the guest's sshd. */
  network: 'network.json',
  /** The latest output of the guest's serial console. */
  console: 'console.log',
  /** What QEMU said since its last start. */
  log: 'qemu.log',
  run: 'run',
  qmpSocket: 'qmp.sock',
} as const;

/** What a machine was made from. */
export const InstanceDescription = z.object({
  id: VmId,
  spec: VmSpec,
  image: z.string(),
  /** Directory of the image below that of all images; the disk's backing file lies there. */
  image_directory: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  /** Null where QEMU runs as the operator. */
  uid: z.int().nullable(),
});
export type InstanceDescription = z.infer<typeof InstanceDescription>;

/** How the host reaches the guest. */
export const InstanceNetwork = z.object({ ssh_port: z.int().min(1).max(65_535) });
export type InstanceNetwork = z.infer<typeof InstanceNetwork>;

/** Ends the name of a directory that is being made, or removed. */
const PARTIAL_SUFFIX = '.partial';
const DELETED_SUFFIX = '.deleted';

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw new AppError('HYPERVISOR_UNAVAILABLE', `reading ${path}`, { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('HYPERVISOR_FAILED', `reading ${path}: it is damaged`, { cause, retryable: false });
  }
}

/** The directory of all machines. */
export interface InstanceFiles {
  /** The directory of all machines, as the kernel knows it; it must exist. */
  root(): Promise<string>;
  path(id: VmId): string;
  partialPath(id: VmId): string;
  deletedPath(id: VmId): string;
  /** Undefined where there is no whole machine. */
  describe(id: VmId): Promise<InstanceDescription | undefined>;
  /** Replaces the description of a machine: it is there whole, the old one or the new one. */
  redescribe(description: InstanceDescription): Promise<void>;
  /** Undefined where it was never started, or the file is damaged: the next start writes it anew. */
  network(id: VmId): Promise<InstanceNetwork | undefined>;
  /** The ids of all machines that are whole or look so. */
  ids(): Promise<VmId[]>;
  /** Paths of what was left half made or half removed, by id. */
  leftovers(): Promise<ReadonlyMap<VmId, string[]>>;
}

/** The files under a directory. */
export function createInstanceFiles(directory: string): InstanceFiles {
  const names = async (): Promise<string[]> => {
    try {
      return await readdir(directory);
    } catch (error) {
      if (isErrorCode(error, 'ENOENT')) return [];
      throw new AppError('HYPERVISOR_UNAVAILABLE', `reading ${directory}`, { cause: error });
    }
  };
  return {
    root: () => realpath(directory),
    path: (id) => join(directory, id),
    partialPath: (id) => join(directory, `${id}${PARTIAL_SUFFIX}`),
    deletedPath: (id) => join(directory, `${id}${DELETED_SUFFIX}`),
    describe: (id) => readJson(join(directory, id, INSTANCE_FILES.description), InstanceDescription),
    async redescribe(description) {
      const path = join(directory, description.id, INSTANCE_FILES.description);
      await writeFile(`${path}.new`, JSON.stringify(description), { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    },
    network: (id) =>
      readJson(join(directory, id, INSTANCE_FILES.network), InstanceNetwork).catch((error: unknown) => {
        if (isAppError(error) && error.code === 'HYPERVISOR_FAILED') return undefined;
        throw error;
      }),
    async ids() {
      return (await names()).flatMap((name) => {
        const id = VmId.safeParse(name);
        return id.success ? [id.data] : [];
      });
    },
    async leftovers() {
      const found = new Map<VmId, string[]>();
      for (const name of await names()) {
        const stem = /^(.*)\.(?:partial|deleted)$/.exec(name)?.[1];
        const id = VmId.safeParse(stem);
        if (id.success) found.set(id.data, [...(found.get(id.data) ?? []), join(directory, name)]);
      }
      return found;
    },
  };
}
