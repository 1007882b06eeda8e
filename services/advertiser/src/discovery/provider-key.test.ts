import { verify } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { canonicalJson } from './canonical-json.ts';
import { loadProviderKey } from './provider-key.ts';

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

describe('loadProviderKey', () => {
  it('makes one key for all who ask at once, readable by the owner alone', async () => {
    const path = join(directory.path, 'provider-key');
    const keys = await Promise.all([1, 2, 3].map(() => loadProviderKey(path)));
    const signatures = new Set(keys.map((key) => key.sign('text')));
    expect(signatures.size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('signs so that the public key can check it', async () => {
    const key = await loadProviderKey(join(directory.path, 'provider-key'));
    const signature = Buffer.from(key.sign('text'), 'base64');
    expect(verify(null, Buffer.from('text'), key.publicPem, signature)).toBe(true);
    expect(verify(null, Buffer.from('another'), key.publicPem, signature)).toBe(false);
  });

  it('refuses a file that holds something else, without showing it', async () => {
    const path = join(directory.path, 'provider-key');
    await writeFile(path, 'not a key');
    await expect(loadProviderKey(path)).rejects.toThrow('it holds no Ed25519 private key');
  });
});

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: { d: 2, c: [3, { f: 4, e: 5 }] } }, '{"a":{"c":[3,{"e":5,"f":4}],"d":2},"b":1}'],
    [{ b: undefined, a: null }, '{"a":null}'],
    ['text', '"text"'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});
