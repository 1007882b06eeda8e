import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { createHostLock } from './host-lock.ts';

const FIRST = { holder: 'first', token: 1, storeId: 'redis-a' };
const SECOND = { holder: 'second', token: 2, storeId: 'redis-a' };

let directory: TemporaryDirectory;
let file: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  file = join(directory.path, 'data', 'worker.lock');
});
afterEach(() => directory.dispose());

/** Changes what the lock says of its holder. */
function rewrite(change: object): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
}

describe('createHostLock', () => {
  it('is held by one, until that gives it back', () => {
    const [one, other] = [createHostLock(file), createHostLock(file)];

    expect(one.acquire(FIRST)).toBe('acquired');
    expect(other.acquire({ ...SECOND, storeId: 'redis-b' })).toEqual({ heldBy: process.pid });
    expect([one.isHeld(), other.isHeld()]).toEqual([true, false]);
    one.release();

    expect(other.acquire({ ...SECOND, storeId: 'redis-b' })).toBe('acquired');
    expect([one.isHeld(), other.isHeld()]).toEqual([false, true]);
  });

  it('is taken from one whose lease of the same Redis has run out, and that one knows', () => {
    const [paused, next] = [createHostLock(file), createHostLock(file)];
    paused.acquire(FIRST);

    expect(next.acquire(SECOND)).toBe('acquired');

    expect([paused.isHeld(), next.isHeld()]).toEqual([false, true]);
    paused.release();
    expect(next.isHeld()).toBe(true);
  });

  it('is not taken under an older lease', () => {
    const [one, other] = [createHostLock(file), createHostLock(file)];
    one.acquire(SECOND);

    expect(other.acquire(FIRST)).toEqual({ heldBy: process.pid });
  });

  it('is taken from a process that has ended, whose lease it names', () => {
    const [dead, next] = [createHostLock(file), createHostLock(file)];
    dead.acquire(FIRST);
    expect(next.deadHolder()).toBeUndefined();
    rewrite({ process: { pid: process.pid, started: 'in another life' } });

    expect(next.deadHolder()).toBe('first');
    expect(next.acquire({ ...SECOND, storeId: 'redis-b' })).toBe('acquired');
  });

  it('is taken from a process of another container only after a long silence', () => {
    const [foreign, next] = [createHostLock(file), createHostLock(file)];
    foreign.acquire(FIRST);
    rewrite({ namespace: 'pid:[1]', process: { pid: 1, started: 'elsewhere' } });

    expect(next.acquire({ ...SECOND, storeId: 'redis-b' })).toEqual({ heldBy: 1 });
    utimesSync(file, 0, 0);

    expect(next.acquire({ ...SECOND, storeId: 'redis-b' })).toBe('acquired');
  });

  it('is taken where a loss of power left an empty file', () => {
    createHostLock(file).acquire(FIRST);
    writeFileSync(file, '');

    expect(createHostLock(file).acquire(SECOND)).toBe('acquired');
  });
});
