import { describe, expect, it } from '@jest/globals';
import { ImageName } from '@golem-provider/contracts';
import { AppError, SettingsError } from '@golem-provider/service-kit';
import { standardCatalogue } from './catalogue.ts';
import type { StoredImage } from './image-store.ts';
import { prepareDefaultImage } from './prepare-default-image.ts';

const UBUNTU = 'ubuntu:24.04';
const DEBIAN = 'debian:12';

interface World {
  readonly there?: readonly string[];
  readonly recorded?: string;
  readonly chosen?: string;
  readonly reachable?: boolean;
  readonly downloadable?: boolean;
}

/** Prepares in a world of plain values and tells what was done. */
async function prepare({ there = [], recorded, chosen, reachable = false, downloadable = reachable }: World) {
  const present = new Set(there);
  const done: string[] = [];
  const lines: string[] = [];
  let record = recorded;
  const stored = (name: ImageName): StoredImage => ({
    name,
    directoryName: 'x',
    directory: '/x',
    description: {
      name,
      release: name,
      architecture: 'amd64',
      virtual_size_bytes: 1,
      disk: 'disk.qcow2',
      built_at: '',
      sha256: {},
    },
  });
  const outcome = await prepareDefaultImage({
    images: {
      catalogue: standardCatalogue('amd64'),
      find: (name) => Promise.resolve(present.has(name) ? stored(name) : undefined),
      ensure(name) {
        done.push(`download ${name}`);
        if (!downloadable) return Promise.reject(new AppError('IMAGE_UNAVAILABLE', 'no network'));
        present.add(name);
        return Promise.resolve(stored(name));
      },
      importImage: () => Promise.resolve(),
    },
    settings: { DEFAULT_VM_IMAGE: chosen === undefined ? undefined : ImageName.parse(chosen) },
    readDefault: () => Promise.resolve(record === undefined ? undefined : ImageName.parse(record)),
    writeDefault: (name) => {
      record = name;
      return Promise.resolve();
    },
    isReachable: () => {
      done.push('try the network');
      return Promise.resolve(reachable);
    },
    build: () => {
      done.push('build');
      return Promise.resolve();
    },
    print: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  return { outcome, done, record, lines };
}

describe('prepareDefaultImage', () => {
  it.each<[string, World, string[], string | undefined]>([
    ['what is there and recorded is kept', { there: [DEBIAN], recorded: DEBIAN }, [], DEBIAN],
    ['what is recorded wins over what else is there', { there: [UBUNTU, DEBIAN], recorded: DEBIAN }, [], DEBIAN],
    ['what is there is recorded', { there: [DEBIAN] }, [], DEBIAN],
    ['Ubuntu is preferred', { there: [UBUNTU, DEBIAN] }, [], UBUNTU],
    ['a record of an image that is gone is mended', { there: [DEBIAN], recorded: UBUNTU }, [], DEBIAN],
    ['Ubuntu is downloaded', { reachable: true }, ['try the network', `download ${UBUNTU}`], UBUNTU],
    ['Debian is built without a network', {}, ['try the network', 'build'], DEBIAN],
    [
      'Debian is built when the download fails',
      { reachable: true, downloadable: false },
      ['try the network', `download ${UBUNTU}`, 'build'],
      DEBIAN,
    ],
    ['the choice of the operator is kept', { chosen: 'ubuntu:20.04', there: ['ubuntu:20.04'] }, [], undefined],
    [
      'the choice of the operator is downloaded',
      { chosen: 'focal', reachable: true },
      ['try the network', 'download ubuntu:20.04'],
      undefined,
    ],
  ])('%s', async (_, world, done, record) => {
    expect(await prepare(world)).toMatchObject({ outcome: 'prepared', done, record });
  });

  it('never puts another image in place of one that the operator chose', async () => {
    const { outcome, done, lines } = await prepare({ chosen: 'ubuntu:20.04', there: [DEBIAN] });
    expect({ outcome, done }).toEqual({ outcome: 'missing', done: ['try the network'] });
    expect(lines.at(-1)).toMatch(/^Warning: ubuntu:20\.04/);
  });

  it('refuses a choice outside the catalogue as a wrong setting', async () => {
    await expect(prepare({ chosen: 'windows' })).rejects.toBeInstanceOf(SettingsError);
  });
});
