import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTestDirectory, removeTestDirectory } from './leftovers.js';

const SLEEPER = ['-e', "process.stdout.write('up'); setInterval(() => {}, 1000)"];

describe('the directory of tests', () => {
  it('is removed, and nothing is told of when nothing is left', async () => {
    const directory = createTestDirectory();

    expect(await removeTestDirectory(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it('tells of the files in it, and removes them', async () => {
    const directory = createTestDirectory();
    mkdirSync(join(directory, 'a'));
    writeFileSync(join(directory, 'a/b'), '');

    expect(await removeTestDirectory(directory)).toEqual([`file ${directory}/a`, `file ${directory}/a/b`]);
    expect(existsSync(directory)).toBe(false);
  });

  it.each([
    ['started with it in the environment', (/** @type {string} */ directory) => ({ env: { TMPDIR: directory } })],
    ['that work in it', (/** @type {string} */ directory) => ({ env: {}, cwd: directory })],
  ])('waits for processes %s', async (_, options) => {
    const directory = createTestDirectory();
    const child = spawn(process.execPath, SLEEPER, { ...options(directory), stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');

    const left = removeTestDirectory(directory);
    child.kill('SIGKILL');

    expect(await left).toEqual([]);
  });

  it('tells of processes that go on', async () => {
    const directory = createTestDirectory();
    const child = spawn(process.execPath, [...SLEEPER, directory], { env: {}, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');

    const left = await removeTestDirectory(directory, 0);
    child.kill('SIGKILL');

    expect(left).toEqual([expect.stringMatching(`^process ${child.pid}: .*${directory}`)]);
  });
});
