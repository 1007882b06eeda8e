import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { isErrorCode } from './error-code.ts';

/**
 * The content of a file of mode 0600 that is written on the first call and never again. Several services start at once:
 * the file appears whole or not at all, and all of them read the one that was first.
 */
export async function readOrWriteOnce(path: string, content: string | Uint8Array): Promise<Buffer> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path);
}
