import { describe, expect, it } from '@jest/globals';
import { parseProperties, propertiesOf } from './multipass-settings.ts';

describe('parseProperties', () => {
  it.each([
    [
      { cpus: '1\n', memory: '1.0GiB\n', disk: '5.0GiB\n' },
      { cpu_cores: 1, memory_gb: 1, storage_gb: 5 },
    ],
    [
      { cpus: '16', memory: '512.0MiB', disk: '100.0GiB' },
      { cpu_cores: 16, memory_gb: 1, storage_gb: 100 },
    ],
    [
      { cpus: '2', memory: '2.5GiB', disk: '1024.0GiB' },
      { cpu_cores: 2, memory_gb: 3, storage_gb: 1024 },
    ],
    [
      { cpus: '2', memory: '768.0KiB', disk: '4096B' },
      { cpu_cores: 2, memory_gb: 1, storage_gb: 1 },
    ],
  ])('reads %j', (texts, spec) => {
    expect(parseProperties(texts)).toEqual(spec);
  });

  it.each([
    { cpus: '' },
    { cpus: '0' },
    { cpus: 'two' },
    { cpus: '1.5' },
    { memory: '' },
    { memory: '1G' },
    { memory: '0.0GiB' },
    { memory: '-1.0GiB' },
    { disk: '5.0TiB' },
    { disk: '5.0GiB 6.0GiB' },
  ])('makes nothing of %j', (wrong) => {
    expect(() => parseProperties({ cpus: '1', memory: '1.0GiB', disk: '5.0GiB', ...wrong })).toThrow(
      expect.objectContaining({ code: 'HYPERVISOR_FAILED' }),
    );
  });
});

describe('propertiesOf', () => {
  it('is what set takes', () => {
    const spec = { cpu_cores: 2, memory_gb: 4, storage_gb: 20 };

    expect(propertiesOf(spec)).toEqual({ cpus: '2', memory: '4G', disk: '20G' });
  });
});
