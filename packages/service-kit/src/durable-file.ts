import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file so that it survives a loss of power: readers see the earlier text or the whole new one, and once this has
 * resolved the new one is on the disk, its name included. Two writers of one path are the caller's concern. `beforeReplace`
 * is called when all but the last step is done; what it throws leaves the earlier file.
 */
export async function writeDurably(
  path: string,
  text: string,
  mode: number,
  beforeReplace: () => void = () => undefined,
): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  beforeReplace();
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory, and that some are gone, survive a loss of power. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
