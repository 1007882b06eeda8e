import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A file for lines that keeps itself small. */
export interface RotatingFile {
  write(line: string): void;
  close(): void;
}

/** Bounds of a rotating file. */
export interface RotationLimits {
  /** A file that would grow beyond this is put aside first. */
  readonly maxBytes: number;
  /** How many files are kept beside the current one, as `path.1` (the newest), `path.2` and so on. */
  readonly kept: number;
}

/** Puts `path` aside as `path.1`, and what was there before one further; the oldest goes. */
export function rotate(path: string, kept: number): void {
  for (let number = kept; number >= 1; number -= 1) {
    const from = number === 1 ? path : `${path}.${number - 1}`;
    if (existsSync(from)) renameSync(from, `${path}.${number}`);
  }
}

/** Appends to `path`, mode 0640. Writing is synchronous: a line is on its way before the next one is read. */
export function createRotatingFile(path: string, { maxBytes, kept }: RotationLimits): RotatingFile {
  const open = (): number => openSync(path, 'a', 0o640);
  let file = open();
  let size = fstatSync(file).size;
  return {
    write(line) {
      const bytes = Buffer.from(`${line}\n`);
      if (size > 0 && size + bytes.length > maxBytes) {
        closeSync(file);
        rotate(path, kept);
        file = open();
        size = 0;
      }
      size += writeSync(file, bytes);
    },
    close() {
      closeSync(file);
    },
  };
}
