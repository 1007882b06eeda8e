import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { VmSpec } from '@golem-provider/contracts';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { createCommandRunner } from '../../exec/command-runner.ts';
import { runTool } from '../../exec/run-tool.ts';
import { makeBlankImage } from '../../testing/blank-image.ts';
import { qemuFixture, type QemuFixture, testVmId } from '../../testing/qemu-fixture.ts';
import type { CallContext } from '../hypervisor.ts';
import { parseDiskGib } from './instance-size.ts';

const TIMEOUT_MS = 120_000;
const context = (): CallContext => ({ signal: AbortSignal.timeout(TIMEOUT_MS) });
const run = createCommandRunner(process.env);
const id = testVmId('size');
const SPEC: VmSpec = { cpu_cores: 1, memory_gb: 1, storage_gb: 2 };
const LARGER: VmSpec = { cpu_cores: 2, memory_gb: 3, storage_gb: 4 };
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

let fixture: QemuFixture;
let images: TemporaryDirectory;
beforeEach(async () => {
  images = await temporaryDirectory();
  fixture = await qemuFixture(process.env);
  await makeBlankImage(process.env, join(images.path, 'image'));
  await fixture.images.importImage(join(images.path, 'image'));
  await fixture.hypervisor.create(fixture.instance(id, SPEC), context());
}, TIMEOUT_MS);
afterEach(async () => {
  await fixture.dispose();
  await images.dispose();
}, TIMEOUT_MS);

const path = (name: string): string => join(fixture.data.instances, id, name);
async function qemuImg(...args: string[]): Promise<string> {
  const command = { program: 'qemu-img', args, timeoutMs: TIMEOUT_MS };
  return (await runTool(run, command, 'preparing a test', context().signal)).stdout;
}
const has = (): Promise<VmSpec> => fixture.hypervisor.readSpec(id, context());
const resize = (spec: VmSpec): Promise<void> => fixture.hypervisor.resize(id, spec, context());

describe('a resize of a QEMU machine', () => {
  it('goes on where it was ended between the disk and the description', async () => {
    await qemuImg('resize', '-q', path('disk.qcow2'), '4G');
    expect(await has()).toEqual({ ...SPEC, storage_gb: 4 });

    await expect(resize({ ...LARGER, storage_gb: 3 })).rejects.toMatchObject({
      code: 'HYPERVISOR_FAILED',
      retryable: false,
    });
    expect(await has()).toEqual({ ...SPEC, storage_gb: 4 });
    await resize(LARGER);

    expect(await has()).toEqual(LARGER);
    expect(JSON.parse(await readFile(path('instance.json'), 'utf8'))).toMatchObject({ id, spec: LARGER });
    expect(parseDiskGib(await qemuImg('info', '--output=json', path('disk.qcow2')))).toBe(4);
  });

  itAsRoot('reads and writes a disk with no more rights than its own QEMU has', async () => {
    const { uid } = await stat(path('disk.qcow2'));
    const target = join(images.path, 'of-the-operator');
    await writeFile(target, 'x'.repeat(1024), { mode: 0o600 });
    // As a guest could leave it that has broken out of its QEMU: the file is named in the header.
    await qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${join(images.path, 'own')}`, path('new'), '2G');
    await qemuImg('amend', '-q', '-f', 'qcow2', '-o', `data_file=${target}`, path('new'));
    await run({ program: 'mv', args: [path('new'), path('disk.qcow2')], timeoutMs: TIMEOUT_MS }, context());

    await expect(resize(LARGER)).rejects.toMatchObject({ code: 'HYPERVISOR_FAILED' });

    expect(uid).not.toBe(0);
    expect(await readFile(target, 'utf8')).toBe('x'.repeat(1024));
  });
});

describe('the size of a disk', () => {
  it.each([
    ['{"virtual-size": 2147483648, "format": "qcow2"}', 2],
    ['{"virtual-size": 2147483649}', 3],
  ])('is read from %s', (json, gib) => {
    expect(parseDiskGib(json)).toBe(gib);
  });

  it.each(['', '{}', '[]', '{"virtual-size": "2"}', '{"virtual-size": 0}'])('is not read from %j', (json) => {
    expect(() => parseDiskGib(json)).toThrow(expect.objectContaining({ code: 'HYPERVISOR_FAILED' }));
  });
});

describe('a command in a guest to which there is no key', () => {
  it(
    'is refused for good',
    async () => {
      await fixture.hypervisor.start(id, context());
      await rm(path('management_key'));

      await expect(fixture.hypervisor.runInGuest(id, ['true'], {}, context())).rejects.toMatchObject({
        code: 'HYPERVISOR_FAILED',
        retryable: false,
        publicDetail: expect.stringContaining('no key'),
      });
    },
    TIMEOUT_MS,
  );
});
