import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirectory } from '@golem-provider/service-kit';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirectoryError, isDataDirectory, prepareDataDirectory } from './prepare-data-directory.ts';

describe('prepareDataDirectory', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.dispose());

  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

  it('makes the directories with their modes, again and again', async () => {
    const data = dataDirectory(join(directory.path, 'deep/data'));
    await prepareDataDirectory(data);
    await prepareDataDirectory(data);

    expect(isDataDirectory(data.root)).toBe(true);
    expect(await Promise.all([data.root, data.instances, data.vms, data.redis].map(modeOf))).toEqual([
      '711',
      '711',
      '700',
      '700',
    ]);
  });

  it('takes a directory in which only the images were prepared', async () => {
    await mkdir(join(directory.path, 'images'));

    await prepareDataDirectory(dataDirectory(directory.path));

    expect(isDataDirectory(directory.path)).toBe(true);
  });

  it('leaves a directory alone that holds other things', async () => {
    await writeFile(join(directory.path, 'thesis.odt'), '');

    await expect(prepareDataDirectory(dataDirectory(directory.path))).rejects.toThrow(DataDirectoryError);

    expect(isDataDirectory(directory.path)).toBe(false);
  });
});
