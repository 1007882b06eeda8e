import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { measureVmFiles } from './vm-files.ts';

const MIB = 1024 * 1024;
const ID = VmId.parse('golem-web-20260101-000000');
const OTHER = VmId.parse('golem-web-20260101-000001');

let root: TemporaryDirectory;

beforeEach(async () => {
  root = await temporaryDirectory();
});
afterEach(() => root.dispose());

async function put(directory: string, name: string, bytes: number): Promise<void> {
  await mkdir(join(root.path, directory), { recursive: true });
  await writeFile(join(root.path, directory, name), Buffer.alloc(bytes, 1));
}

describe('measureVmFiles', () => {
  it.each(['instances', 'vault/instances', 'qemu/vault/instances', 'data/vault/instances'])(
    'counts what VMs have written below %s, and no more',
    async (parent) => {
      await put(`${parent}/${ID}`, 'disk.qcow2', 2 * MIB);
      await put(`${parent}/${ID}`, 'seed.iso', MIB);
      await put(`${parent}/${OTHER}.partial`, 'disk.qcow2', MIB);
      await put(`${parent}/somebody-elses-vm`, 'disk.qcow2', 8 * MIB);
      await put('images/noble', 'image.qcow2', 8 * MIB);

      const { bytes, isComplete } = await measureVmFiles(root.path);

      expect(isComplete).toBe(true);
      const mebibytes = new Map([...bytes].map(([id, size]) => [id, Math.round(size / MIB)]));
      expect(mebibytes).toEqual(
        new Map([
          [ID, 3],
          [OTHER, 1],
        ]),
      );
    },
  );

  it('counts what a sparse disk takes, not what it shows', async () => {
    await put(`instances/${ID}`, 'disk.qcow2', MIB);
    const disk = await open(join(root.path, 'instances', ID, 'disk.qcow2'), 'r+');
    await disk.truncate(1024 * MIB);
    await disk.close();

    expect((await measureVmFiles(root.path)).bytes.get(ID)).toBeLessThan(16 * MIB);
  });

  it('finds nothing where nothing is', async () => {
    expect(await measureVmFiles(join(root.path, 'not-made'))).toEqual({ bytes: new Map(), isComplete: true });
  });
});
