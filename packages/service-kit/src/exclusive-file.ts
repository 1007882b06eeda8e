import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { isErrorCode } from './error-code.ts';

/** Puts a whole file in place only where there is none: of two that try at once, one succeeds. The draft stays. */
export function createWhole(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Removes the file of a holder that is gone. Another may just have replaced it by its own: what `isStale` does not recognise
 * goes back. Called with the text of what was there; a file that is missing is no error.
 */
export function removeStale(file: string, isStale: (text: string) => boolean): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  if (!isStale(readFileSync(aside, 'utf8'))) createWhole(aside, file);
  rmSync(aside);
}
