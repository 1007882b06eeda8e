import { open, rename, stat } from 'node:fs/promises';
import { isErrorCode } from '@golem-provider/service-kit';

/** How long a file is in bytes; 0 when there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

const MAX_READ_BYTES = 64 * 1024;

/** What was written to a file beyond an offset, at most 64 KiB of it; empty when there is no file. */
export async function readFrom(file: string, offset: number): Promise<string> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_READ_BYTES), 0, MAX_READ_BYTES, offset);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Moves logs that have outgrown a size to `<name>.1`, over the one that was there: each takes up twice the size at most.
 * The next reload makes nginx begin new ones. Resolves with whether any was moved.
 */
export async function rotateLogs(files: readonly string[], maxBytes: number): Promise<boolean> {
  let isMoved = false;
  for (const file of files) {
    if ((await sizeOf(file)) <= maxBytes) continue;
    await rename(file, `${file}.1`);
    isMoved = true;
  }
  return isMoved;
}
