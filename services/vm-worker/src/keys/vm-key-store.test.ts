import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VmId, type VmKeys } from '@golem-provider/contracts';
import { createSeal, dataDirectory, sealContext } from '@golem-provider/service-kit';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { createVmKeyStore, type VmKeyStore } from './vm-key-store.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const NONE: VmKeys = {
  origin: 'provider',
  public_key: null,
  sealed_private_key: null,
  host_public_key: null,
  sealed_host_private_key: null,
  management_public_key: null,
  sealed_management_private_key: null,
};
const PLAIN = { managementKey: false };
const seal = createSeal(randomBytes(32));

let directory: TemporaryDirectory;
let keys: VmKeyStore;
beforeEach(async () => {
  directory = await temporaryDirectory();
  keys = createVmKeyStore(dataDirectory(directory.path), seal);
});
afterEach(() => directory.dispose());

function opened(complete: VmKeys): string {
  return complete.sealed_private_key === null ? '' : seal.open(complete.sealed_private_key, sealContext(ID, 'login'));
}

describe('createVmKeyStore', () => {
  it('makes both pairs, in files of their owner alone and sealed', async () => {
    const complete = await keys.ensure(ID, NONE, PLAIN);
    const path = join(dataDirectory(directory.path).vm(ID), 'ssh_key');

    expect(opened(complete)).toBe(await readFile(path, 'utf8'));
    expect(keys.hostPrivateKey(ID, complete)).toContain('OPENSSH PRIVATE KEY');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    expect(JSON.stringify(complete)).not.toContain('PRIVATE KEY');
  });

  it('finds the pairs again that it made before a crash', async () => {
    const before = await keys.ensure(ID, NONE, PLAIN);
    const after = await keys.ensure(ID, NONE, PLAIN);

    expect(after.public_key).toBe(before.public_key);
    expect(after.host_public_key).toBe(before.host_public_key);
    expect(opened(after)).toBe(opened(before));
  });

  it("makes no login pair where the requestor's key is used", async () => {
    const { publicKey } = {
      publicKey: (await keys.ensure(VmId.parse('golem-abc-20260101-000000'), NONE, PLAIN)).public_key,
    };

    const complete = await keys.ensure(ID, { ...NONE, origin: 'requestor', public_key: publicKey }, PLAIN);

    expect(complete).toMatchObject({
      public_key: publicKey,
      sealed_private_key: null,
      host_public_key: expect.any(String),
    });
  });

  it('makes a management pair where the hypervisor needs one, whoever the login key is from', async () => {
    const plain = await keys.ensure(ID, NONE, PLAIN);
    expect(plain).toMatchObject({ management_public_key: null, sealed_management_private_key: null });
    expect(keys.managementPrivateKey(ID, plain)).toBeNull();

    const complete = await keys.ensure(ID, { ...plain, origin: 'requestor' }, { managementKey: true });
    const path = join(dataDirectory(directory.path).vm(ID), 'management_key');

    expect(complete.management_public_key).toMatch(/^ssh-ed25519 \S+ golem-provider$/);
    expect(keys.managementPrivateKey(ID, complete)).toBe(await readFile(path, 'utf8'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(complete.public_key).toBe(plain.public_key);
    expect(await keys.ensure(ID, complete, { managementKey: true })).toEqual(complete);
  });

  it('leaves nothing of a VM that is removed, also when there was nothing', async () => {
    await keys.ensure(ID, NONE, PLAIN);

    await keys.remove(ID);
    await keys.remove(ID);

    await expect(stat(dataDirectory(directory.path).vm(ID))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
