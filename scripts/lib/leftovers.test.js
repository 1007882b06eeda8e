import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTestDirectory, removeTestDirectory } from './leftovers.js';

const SLEEPER = ['-e', "process.stdout.write('up'); setInterval(() => {}, 1000)"];

/**
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
async function startSleeper(args, options) {
  const child = spawn(process.execPath, [...SLEEPER, ...args], {
    env: {},
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
}

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

  it('waits for a process that is about to end', async () => {
    const directory = createTestDirectory();
    const child = await startSleeper([directory], {});

    const left = removeTestDirectory(directory);
    child.kill('SIGKILL');

    expect(await left).toEqual([]);
  });

  it.each([
    ['started with it on the command line', (/** @type {string} */ directory) => ({ args: [directory], options: {} })],
    [
      'started with it in the environment',
      (/** @type {string} */ directory) => ({ args: [], options: { env: { TMPDIR: directory } } }),
    ],
    ['that work in it', (/** @type {string} */ directory) => ({ args: [], options: { cwd: directory } })],
  ])('tells of processes %s', async (_, start) => {
    const directory = createTestDirectory();
    const { args, options } = start(directory);
    const child = await startSleeper(args, options);

    const left = await removeTestDirectory(directory, 0);
    child.kill('SIGKILL');

    expect(left).toEqual([expect.stringMatching(`^process ${child.pid}: ${process.execPath} -e `)]);
  });
});
