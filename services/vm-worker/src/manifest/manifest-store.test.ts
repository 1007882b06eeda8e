import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, VmId } from '@golem-provider/contracts';
import { dataDirectory, type DataDirectory } from '@golem-provider/service-kit';
import { temporaryDirectory, type TemporaryDirectory, vmRecord } from '@golem-provider/testing';
import { createManifestStore, type ManifestStore } from './manifest-store.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const MANIFEST = { vm: vmRecord(), operations: [] };

let directory: TemporaryDirectory;
let data: DataDirectory;
let store: ManifestStore;
let path: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  data = dataDirectory(directory.path);
  store = createManifestStore(data, HostId.parse('local'), () => undefined);
  path = join(data.vm(ID), 'manifest.json');
});
afterEach(() => directory.dispose());

describe('createManifestStore', () => {
  it('keeps a manifest in a file of its owner alone, and leaves nothing beside it', async () => {
    await store.write(MANIFEST);
    await store.write({ ...MANIFEST, vm: vmRecord({ revision: 2 }) });

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(data.vm(ID))).mode & 0o777).toBe(0o700);
    expect(await readdir(data.vm(ID))).toEqual(['manifest.json']);
    expect(await store.readAll()).toEqual(
      new Map([[ID, { kind: 'good', manifest: { ...MANIFEST, vm: vmRecord({ revision: 2 }) } }]]),
    );
  });

  it.each<[string, () => Promise<void>]>([
    ['others may read', () => chmod(path, 0o644)],
    ['was cut short', async () => writeFile(path, (await readFile(path, 'utf8')).slice(0, 80))],
    ['is empty', () => writeFile(path, '')],
    [
      'is of an unknown version',
      async () => writeFile(path, (await readFile(path, 'utf8')).replace('"version": 1', '"version": 2')),
    ],
    [
      'is that of another VM',
      async () => writeFile(path, (await readFile(path, 'utf8')).replaceAll('golem-web', 'golem-abc')),
    ],
    [
      'is a link',
      async () => {
        await rename(path, join(data.root, 'elsewhere'));
        await symlink(join(data.root, 'elsewhere'), path);
      },
    ],
    [
      'is a directory',
      async () => {
        await rename(path, join(data.root, 'elsewhere'));
        await mkdir(path);
      },
    ],
    ['is far too large', async () => writeFile(path, ' '.repeat(2 * 1024 * 1024))],
  ])('does not trust a file that %s, and can set it aside', async (_, damage) => {
    await store.write(MANIFEST);
    await damage();

    expect((await store.readAll()).get(ID)).toMatchObject({ kind: 'bad' });
    await store.quarantine(ID);

    expect((await store.readAll()).get(ID)).toEqual({ kind: 'none', wasQuarantined: true });
    expect(await readdir(data.vm(ID))).toContain('manifest.json.bad');
  });

  it('tells a manifest of another host from a bad one', async () => {
    await store.write({ ...MANIFEST, vm: vmRecord({ host_id: HostId.parse('other') }) });

    expect((await store.readAll()).get(ID)).toMatchObject({ kind: 'foreign' });
  });

  it('removes what is there, and minds neither a missing file nor a missing directory', async () => {
    await store.remove(ID);
    await store.write(MANIFEST);
    await store.remove(ID);
    await store.remove(ID);

    expect(await store.readAll()).toEqual(new Map());
  });

  it('leaves what else is in the directory', async () => {
    await store.write(MANIFEST);
    await writeFile(join(data.vm(ID), 'ssh_key'), 'a key');
    await store.remove(ID);

    expect((await store.readAll()).get(ID)).toEqual({ kind: 'none', wasQuarantined: false });
    expect(await readdir(data.vm(ID))).toEqual(['ssh_key']);
  });

  it('leaves the earlier file where it is told so in the last moment', async () => {
    await store.write(MANIFEST);
    const refusing = createManifestStore(data, HostId.parse('local'), () => {
      throw new Error('not any more');
    });

    await expect(refusing.write({ ...MANIFEST, vm: vmRecord({ revision: 9 }) })).rejects.toThrow('not any more');

    expect((await store.readAll()).get(ID)).toEqual({ kind: 'good', manifest: MANIFEST });
  });
});
