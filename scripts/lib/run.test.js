import { afterEach, describe, expect, it } from '@jest/globals';
import { allOrFail, Failure, run, runOrFail } from './run.js';

const script = (/** @type {string} */ source) => run(process.execPath, ['-e', source], { env: {} });

/** Processes that outlive the program which started them. @type {number[]} */
const started = [];
afterEach(() => {
  for (const pid of started.splice(0)) process.kill(pid, 'SIGKILL');
});

describe('run', () => {
  it('gives the code and the output of both streams', async () => {
    expect(await script("console.log('a'); console.error('b'); process.exitCode = 3")).toEqual({
      code: 3,
      tail: expect.stringMatching(/^(a\nb|b\na)$/),
    });
  });

  it('keeps only the last lines', async () => {
    const { tail } = await script('for (let i = 0; i < 100; i += 1) console.log(i)');

    expect(tail.split('\n')).toHaveLength(40);
    expect(tail.endsWith('99')).toBe(true);
  });

  it('tells of a program that is not there', async () => {
    expect(await run('/no/such/program', [])).toMatchObject({ code: 127 });
  });

  it('ends a program at its deadline', async () => {
    const args = ['-e', 'setInterval(() => {}, 1000)'];

    expect(await run(process.execPath, args, { env: {}, timeoutMs: 200 })).toMatchObject({ code: 128 });
  });

  it('does not wait for what that program has started', async () => {
    const source = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log(child.pid);
    `;
    const onLine = (/** @type {string} */ line) => {
      if (/^\d+$/.test(line)) started.push(Number(line));
    };

    expect(await run(process.execPath, ['-e', source], { env: {}, timeoutMs: 3000, onLine })).toMatchObject({
      code: 128,
    });
    expect(started).toHaveLength(1);
  });
});

describe('allOrFail', () => {
  it('tells what all have to say, and ends with the code of the first', async () => {
    const tasks = [Promise.reject(new Failure('a', 77)), Promise.resolve(), Promise.reject(new Failure('b', 2))];

    await expect(allOrFail(tasks)).rejects.toMatchObject({ message: 'a\n\nb', code: 77 });
  });
});

describe('runOrFail', () => {
  it('fails with the code of the program and its last words', async () => {
    const failing = runOrFail('trying', process.execPath, ['-e', "console.log('why'); process.exitCode = 5"], {
      env: {},
    });

    await expect(failing).rejects.toThrow(Failure);
    await expect(failing).rejects.toMatchObject({ code: 5, message: expect.stringMatching(/^why\ntrying failed: /) });
  });
});
