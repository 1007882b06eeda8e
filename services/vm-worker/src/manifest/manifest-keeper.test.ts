import { describe, expect, it } from '@jest/globals';
import { type VmRecord, VmId } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { vmRecord } from '@golem-provider/testing';
import { createManifestKeeper, type ManifestKeeper } from './manifest-keeper.ts';

const FULL = new Error('no space left on device');

function keeperOnDisk() {
  const told: unknown[] = [];
  const disk = { isFull: false };
  const keeper = createManifestKeeper({
    manifests: {
      write: () => (disk.isFull ? Promise.reject(FULL) : Promise.resolve()),
      remove: () => Promise.resolve(),
    },
    records: { getVm: () => Promise.resolve(undefined) },
    onWritten: (error) => void told.push(error),
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
  });
  return { keeper, disk, told };
}

const vmOf = (name: string): VmRecord => vmRecord({ id: VmId.parse(`golem-${name}-20260101-120000`) });
const note = (keeper: ManifestKeeper, vm: VmRecord): Promise<void> => keeper.note({ vm, operation: undefined });

describe('a manifest that cannot be written', () => {
  it('is told of until it is written', async () => {
    const { keeper, disk, told } = keeperOnDisk();
    disk.isFull = true;
    await note(keeper, vmOf('a'));
    disk.isFull = false;
    await keeper.ensure(vmOf('a'), [], true);
    expect(told).toStrictEqual([FULL, undefined]);
  });

  it('is told of while only others are written', async () => {
    const { keeper, disk, told } = keeperOnDisk();
    disk.isFull = true;
    await note(keeper, vmOf('a'));
    disk.isFull = false;
    await note(keeper, vmOf('b'));
    expect(told).toStrictEqual([FULL, FULL]);
  });

  it('is no trouble any more once its VM is gone', async () => {
    const { keeper, disk, told } = keeperOnDisk();
    disk.isFull = true;
    await note(keeper, vmOf('a'));
    await keeper.remove(vmOf('a').id);
    expect(told).toStrictEqual([FULL, undefined]);
  });
});
