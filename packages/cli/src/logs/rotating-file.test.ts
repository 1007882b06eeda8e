import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRotatingFile } from './rotating-file.ts';

describe('createRotatingFile', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.dispose());

  it('keeps the newest lines within its bounds', async () => {
    const path = join(directory.path, 'a.log');
    const file = createRotatingFile(path, { maxBytes: 4, kept: 2 });
    for (const line of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) file.write(line);
    file.close();

    expect((await readdir(directory.path)).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    expect(await readFile(`${path}.2`, 'utf8')).toBe('5\n6\n');
    expect(await readFile(`${path}.1`, 'utf8')).toBe('7\n8\n');
    expect(await readFile(path, 'utf8')).toBe('9\n');
  });

  it('appends to what is there and counts it', async () => {
    const path = join(directory.path, 'a.log');
    for (const line of ['1', '2', '3']) {
      const file = createRotatingFile(path, { maxBytes: 4, kept: 1 });
      file.write(line);
      file.close();
    }

    expect(await readFile(`${path}.1`, 'utf8')).toBe('1\n2\n');
    expect(await readFile(path, 'utf8')).toBe('3\n');
  });

  it('takes a line that is longer than a file may be', async () => {
    const path = join(directory.path, 'a.log');
    const file = createRotatingFile(path, { maxBytes: 4, kept: 1 });
    file.write('0123456789');
    file.close();

    expect(await readFile(path, 'utf8')).toBe('0123456789\n');
  });
});
