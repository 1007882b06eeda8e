import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SealedSecret } from '@golem-provider/contracts';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { createSeal, loadSealKey } from './seal.ts';

const KEY = Buffer.alloc(32, 7);

describe('createSeal', () => {
  const seal = createSeal(KEY);

  it('opens what it sealed', () => {
    expect(seal.open(seal.seal('a secret ✓', 'vm/login'), 'vm/login')).toBe('a secret ✓');
  });

  it('seals the same secret differently each time', () => {
    expect(seal.seal('a secret', 'x')).not.toBe(seal.seal('a secret', 'x'));
  });

  it('does not open a secret of another context, of another key or one that was changed', () => {
    const sealed = seal.seal('a secret', 'vm/login');
    const changed = SealedSecret.parse(sealed.replace(/.{4}$/, 'AAAA'));

    expect(() => seal.open(sealed, 'vm/host')).toThrow();
    expect(() => createSeal(Buffer.alloc(32, 8)).open(sealed, 'vm/login')).toThrow();
    expect(() => seal.open(changed, 'vm/login')).toThrow();
  });
});

describe('loadSealKey', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.dispose());

  it('gives all who ask at once the same key, in a file that only its owner reads', async () => {
    const path = join(directory.path, 'seal.key');

    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSealKey(path)));

    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path)).toHaveLength(32);
  });
});
