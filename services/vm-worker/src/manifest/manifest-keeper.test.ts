import { describe, expect, it } from '@jest/globals';
import { type VmRecord, VmId } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { vmRecord } from '@golem-provider/testing';
import { createManifestKeeper, type ManifestKeeper } from './manifest-keeper.ts';

const FULL = new Error('no space left on device');

function keeperOnDisk() {
  const told: unknown[] = [];
  const written: string[] = [];
  const disk = { isFull: false };
  const keeper = createManifestKeeper({
    manifests: {
      async write({ vm }) {
        if (disk.isFull) throw FULL;
        written.push(vm.id);
        return Promise.resolve();
      },
      remove: () => Promise.resolve(),
    },
    records: { getVm: () => Promise.resolve(undefined) },
    onWritten: (error) => void told.push(error),
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
  });
  return { keeper, disk, told, written };
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

describe('a manifest that was removed', () => {
  const vm = vmOf('a');
  const NONE: ReadonlySet<VmId> = new Set();

  it('is not written again by what was under way, whether that is an update or a comparison', async () => {
    const { keeper, written } = keeperOnDisk();
    await keeper.remove(vm.id);
    await note(keeper, vm);
    keeper.compared(NONE);
    await keeper.ensure(vm, [], true);
    keeper.adopt(vm, [], 'a mark');
    expect(written).toEqual([]);
  });

  it('is remembered for as long as there is a record from which it could be written', async () => {
    const { keeper, written } = keeperOnDisk();
    await keeper.remove(vm.id);
    for (const ids of [NONE, new Set([vm.id]), NONE, new Set([vm.id])]) keeper.compared(ids);
    await note(keeper, vm);
    expect(written).toEqual([]);
  });

  it('is forgotten at the second comparison in a row that finds no record', async () => {
    const { keeper, written } = keeperOnDisk();
    await keeper.remove(vm.id);
    keeper.compared(NONE);
    keeper.compared(NONE);
    await note(keeper, vm);
    expect(written).toEqual([vm.id]);
  });
});
