import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostId, VmId } from '@golem-provider/contracts';
import { type DataDirectory, eachAtMost, isErrorCode, syncDirectory, writeDurably } from '@golem-provider/service-kit';
import { createBatcher } from '../exec/batcher.ts';
import { type Manifest, parseManifest, renderManifest } from './manifest.ts';

const FILE = 'manifest.json';
const QUARANTINE = `${FILE}.bad`;
/** Far more than a record has; a file that is larger is none of ours. */
const MAX_BYTES = 1024 * 1024;
/** As many files as are open at once; more than the threads of Node.js gain nothing. */
const READS_AT_ONCE = 16;

/**
 * What is found of a VM's manifest. `bad`: a file that cannot be trusted. `foreign`: it belongs to another host id, as this
 * data directory once did. `none` is told from it by `wasQuarantined`.
 */
export type ManifestFinding =
  | { readonly kind: 'good'; readonly manifest: Manifest }
  | { readonly kind: 'bad' | 'foreign'; readonly problem: string }
  | { readonly kind: 'none'; readonly wasQuarantined: boolean };

/** The manifests in the directories of the VMs: files of mode 0600, each replaced as a whole. Rejects with errors of the file system. */
export interface ManifestStore {
  /** Shows what there is for each VM that has a directory, one after the other, and keeps none of it. Changes nothing. */
  forEach(visit: (id: VmId, finding: ManifestFinding) => void): Promise<void>;
  /** All that `forEach` shows. */
  readAll(): Promise<ReadonlyMap<VmId, ManifestFinding>>;
  /** What there is for one VM. */
  read(id: VmId): Promise<ManifestFinding>;
  /** Resolves when the manifest is safe on the disk. */
  write(manifest: Manifest): Promise<void>;
  /**
   * Resolves when a loss of power would not bring it back; harmless when there is none. A directory that holds nothing else goes
   * with it.
   */
  remove(id: VmId): Promise<void>;
  /** Renames a bad file to `manifest.json.bad`. */
  quarantine(id: VmId): Promise<void>;
}

/** The names in a directory; none where it is missing. */
async function names(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The manifests under the data directory. `guard` is called in the moment before a file is replaced; what it throws stops that. */
export function createManifestStore(directory: DataDirectory, hostId: HostId, guard: () => void): ManifestStore {
  const fileOf = (id: VmId): string => join(directory.vm(id), FILE);

  const readText = async (path: string): Promise<string | { readonly problem: string }> => {
    // Not through a link, which could lead to a file of somebody else.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { problem: 'it is no regular file' };
      if (stat.uid !== process.getuid?.()) return { problem: `it belongs to user ${stat.uid}` };
      if ((stat.mode & 0o077) !== 0) return { problem: 'others may read or write it' };
      if (stat.size > MAX_BYTES) return { problem: 'it is too large' };
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  };
  const read = async (id: VmId): Promise<ManifestFinding> => {
    let text: string | { readonly problem: string };
    try {
      text = await readText(fileOf(id));
    } catch (error) {
      if (isErrorCode(error, 'ELOOP')) return { kind: 'bad', problem: 'it is a link' };
      if (isErrorCode(error, 'EACCES', 'EPERM')) return { kind: 'bad', problem: 'it belongs to somebody else' };
      if (!isErrorCode(error, 'ENOENT', 'ENOTDIR')) throw error;
      return { kind: 'none', wasQuarantined: (await names(directory.vm(id))).includes(QUARANTINE) };
    }
    if (typeof text !== 'string') return { kind: 'bad', problem: text.problem };
    const manifest = parseManifest(text);
    if ('problem' in manifest) return { kind: 'bad', problem: manifest.problem };
    if (manifest.vm.id !== id) return { kind: 'bad', problem: `it is that of ${manifest.vm.id}` };
    if (manifest.vm.host_id !== hostId) return { kind: 'foreign', problem: `it is of host ${manifest.vm.host_id}` };
    return { kind: 'good', manifest };
  };

  const forEach: ManifestStore['forEach'] = async (visit) => {
    const ids = (await names(directory.vms)).flatMap((name) => VmId.safeParse(name).data ?? []);
    await eachAtMost(READS_AT_ONCE, ids, async (id) => visit(id, await read(id)));
  };
  // Those that come while one is under way share the next.
  const syncs = createBatcher<undefined, undefined>({
    gatherMs: 0,
    keyOf: () => undefined,
    async run(all) {
      await syncDirectory(directory.vms);
      return all.map(() => ({ ok: true, outcome: undefined }));
    },
    schedule: setTimeout,
  });

  return {
    forEach,
    async readAll() {
      const all = new Map<VmId, ManifestFinding>();
      await forEach((id, finding) => all.set(id, finding));
      return all;
    },
    read,
    async write(manifest) {
      const { id } = manifest.vm;
      const isNew = (await mkdir(directory.vm(id), { recursive: true, mode: 0o700 })) !== undefined;
      if (isNew) await syncs.submit(undefined, new AbortController().signal);
      await writeDurably(fileOf(id), renderManifest(manifest), 0o600, guard);
    },
    async remove(id) {
      guard();
      await rm(`${fileOf(id)}.draft`, { force: true });
      await rm(fileOf(id), { force: true });
      try {
        await syncDirectory(directory.vm(id));
        await rmdir(directory.vm(id));
      } catch (error) {
        if (!isErrorCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
      }
    },
    async quarantine(id) {
      guard();
      await rename(fileOf(id), join(directory.vm(id), QUARANTINE));
    },
  };
}
