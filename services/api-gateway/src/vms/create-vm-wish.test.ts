import { describe, expect, it } from '@jest/globals';
import { CreateVmRequest, ImageName } from '@golem-provider/contracts';
import { workerReport } from '@golem-provider/testing';
import { wishedImage, wishedSpec } from './create-vm-wish.ts';

const MINIMUM = { cpu_cores: 2, memory_gb: 2, storage_gb: 20 };
const image = (name: string | undefined): ImageName | undefined => (name === undefined ? name : ImageName.parse(name));

describe('wishedSpec', () => {
  it.each([
    [{}, MINIMUM],
    [{ size: 'medium' }, { cpu_cores: 2, memory_gb: 4, storage_gb: 20 }],
    [{ cpu_cores: 3 }, { ...MINIMUM, cpu_cores: 3 }],
    [{ resources: { memory: 3 } }, { ...MINIMUM, memory_gb: 3 }],
  ])('of %j is %j', (wish, spec) => {
    expect(wishedSpec(CreateVmRequest.parse({ name: 'web', ...wish }), MINIMUM)).toEqual(spec);
  });

  it.each([
    [{ cpu_cores: 1 }, ['/cpu_cores']],
    [{ cpu_cores: 1, storage_gb: 19 }, ['/cpu_cores', '/storage_gb']],
    [{ resources: { memory: 1 } }, ['/resources/memory']],
    [{ size: 'small' }, ['/size']],
  ])('refuses %j, which is below the smallest VM', (wish, pointers) => {
    const fields = pointers.map((pointer) => expect.objectContaining({ pointer }));
    expect(() => wishedSpec(CreateVmRequest.parse({ name: 'web', ...wish }), MINIMUM)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', fields }),
    );
  });
});

describe('wishedImage', () => {
  const { hypervisor } = workerReport();

  it.each([
    ['debian:12', undefined, [], 'debian:12'],
    ['bookworm', undefined, [], 'bookworm'],
    ['noble', 'debian', [], 'noble'],
    [undefined, 'debian', [], 'debian'],
    [undefined, undefined, [], 'debian:12'],
    ['my-image', undefined, ['my-image'], 'my-image'],
  ])('asked for %s with default %s and allowed %j is %s', (asked, fallback, allowed, expected) => {
    expect(wishedImage({ asked: image(asked), fallback: image(fallback), allowed, hypervisor })).toBe(expected);
  });

  it.each([
    ['ubuntu:20.04', undefined, 'the image ubuntu:20.04 is not in the catalogue'],
    [undefined, 'ubuntu:20.04', "the provider's default image ubuntu:20.04 is not in the catalogue"],
  ])('refuses %s with default %s', (asked, fallback, detail) => {
    expect(() => wishedImage({ asked: image(asked), fallback: image(fallback), allowed: [], hypervisor })).toThrow(
      expect.objectContaining({ code: 'IMAGE_UNKNOWN', fields: [{ pointer: '/image', detail }] }),
    );
  });
});
