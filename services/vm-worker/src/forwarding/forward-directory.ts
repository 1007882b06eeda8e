import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import { isForwardFileName } from './forward-file.ts';

/** The directory of the VMs' files. Its methods reject with the errors of the file system. */
export interface ForwardDirectory {
  readonly path: string;
  /**
   * The files that nginx includes, by name. None when the directory does not exist. One that cannot be read is left out, and
   * told of: it says nothing about the others. Rejects where the reading failed for another reason than the file itself.
   */
  read(onUnreadable?: (name: string, error: unknown) => void): Promise<ReadonlyMap<string, string>>;
  /** Puts a file in its place in one step, or removes it when the text is undefined. */
  put(name: string, text: string | undefined): Promise<void>;
  /** Takes a file out of nginx's sight and keeps it as `<name>.refused`. */
  setAside(name: string): Promise<void>;
  /** Takes away what cannot be read, so that nobody would learn anything from it; a directory is set aside. */
  discard(name: string): Promise<void>;
}

/**
 * Whether a file could not be read because of what it is. Not so where the host had no more open files or no memory, for instance:
 * the files are as good as ever then, and taking them away would shut out everybody's next session.
 */
export function isFileSpoiled(error: unknown): boolean {
  return isErrorCode(error, 'EACCES', 'EIO', 'EISDIR', 'ELOOP', 'ENOENT', 'EPERM');
}

/** Writes a file in one step: readers see the earlier text or the new one, never a part. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { mode, flag: 'wx' });
  await rename(temporary, path);
}

async function readNames(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes a file, if there is one. Resolves with false where it is a directory, which stays: somebody may want what is in it. */
async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path, { force: true });
    return true;
  } catch (error) {
    if (isErrorCode(error, 'ERR_FS_EISDIR')) return false;
    throw error;
  }
}

/** See `ForwardDirectory`. */
export function createForwardDirectory(path: string): ForwardDirectory {
  const setAsideName = (name: string): string => join(path, `${name}.refused`);
  return {
    path,
    async read(onUnreadable = () => undefined) {
      const names = (await readNames(path)).filter(isForwardFileName).sort();
      const readOne = async (name: string): Promise<(readonly [string, string])[]> => {
        try {
          return [[name, await readFile(join(path, name), 'utf8')]];
        } catch (error) {
          if (!isFileSpoiled(error)) throw error;
          onUnreadable(name, error);
          return [];
        }
      };
      return new Map((await Promise.all(names.map(readOne))).flat());
    },
    async put(name, text) {
      await mkdir(path, { recursive: true });
      await removeFile(setAsideName(name));
      if (text === undefined) await rm(join(path, name), { force: true });
      else await replaceFile(join(path, name), text, 0o644);
    },
    async setAside(name) {
      await rename(join(path, name), setAsideName(name));
    },
    async discard(name) {
      if (!(await removeFile(join(path, name)))) await this.setAside(name);
    },
  };
}
