import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { makeSshKeyPair } from './ssh-key-pair.ts';

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

describe('makeSshKeyPair', () => {
  it('makes a pair that OpenSSH reads as one', async () => {
    const pair = makeSshKeyPair('ubuntu@golem-web');
    const path = join(directory.path, 'key');
    await writeFile(path, pair.privateKey, { mode: 0o600 });

    const derived = execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim();

    expect(derived).toBe(pair.publicKey);
    expect(pair.publicKey).toMatch(/^ssh-ed25519 \S+ ubuntu@golem-web$/);
  });

  it('makes another pair each time', () => {
    expect(makeSshKeyPair('a').privateKey).not.toBe(makeSshKeyPair('a').privateKey);
  });
});
