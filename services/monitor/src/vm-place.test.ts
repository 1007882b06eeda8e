import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { findVmPlace, type VmPlaceSettings } from './vm-place.ts';

let root: TemporaryDirectory;

beforeEach(async () => {
  root = await temporaryDirectory();
});
afterEach(() => root.dispose());

describe('findVmPlace', () => {
  it.each<[string, Partial<VmPlaceSettings>, readonly string[], string, string]>([
    ['QEMU serves', {}, [], 'data', 'container'],
    ['Multipass is installed', {}, ['snap'], 'snap', 'machine'],
    ['Multipass keeps them in the second place', {}, ['root'], 'root', 'machine'],
    ['QEMU is asked for beside a Multipass', { HYPERVISOR: 'qemu' }, ['snap'], 'data', 'container'],
    ['Multipass is asked for and not found', { HYPERVISOR: 'multipass' }, [], 'data', 'machine'],
    ['Multipass lies somewhere else', { MULTIPASS_BINARY_PATH: '/opt/multipass' }, [], 'data', 'machine'],
    ['the operator says where', { STORAGE_PATH: '/disk' }, ['snap'], '/disk', 'machine'],
  ])('when %s', async (_, change, installed, place, runIn) => {
    for (const name of installed) await mkdir(join(root.path, name));
    const settings: VmPlaceSettings = {
      HYPERVISOR: 'auto',
      MULTIPASS_BINARY_PATH: undefined,
      STORAGE_PATH: undefined,
      ...change,
    };
    const directories = ['snap', 'root'].map((name) => join(root.path, name));

    const found = await findVmPlace(settings, join(root.path, 'data'), directories);

    expect(found).toEqual({ path: place.startsWith('/') ? place : join(root.path, place), runIn });
  });
});
