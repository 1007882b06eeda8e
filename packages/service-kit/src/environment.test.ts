import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isSettingGiven, loadSettings } from './environment.ts';

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

describe('isSettingGiven', () => {
  it.each([
    [{}, '', false],
    [{ GOLEM_PROVIDER_DISCOVERY_URL: '' }, '', false],
    [{ GOLEM_PROVIDER_DISCOVERY_URL: 'http://localhost:7465' }, '', true],
    [{}, 'GOLEM_PROVIDER_DISCOVERY_URL=http://localhost:7465\n', true],
    [{}, '#GOLEM_PROVIDER_DISCOVERY_URL=http://localhost:7465\n', false],
    [{ GOLEM_PROVIDER_DISCOVERY_URL: '' }, 'GOLEM_PROVIDER_DISCOVERY_URL=http://localhost:7465\n', false],
  ])('with the environment %j and the file %j: %s', async (environment, file, expected) => {
    await writeFile(join(directory.path, '.env'), file);

    expect(isSettingGiven('DISCOVERY_URL', environment, directory.path)).toBe(expected);
    expect(loadSettings(environment, directory.path).DISCOVERY_URL).toBe('http://localhost:7465');
  });
});
