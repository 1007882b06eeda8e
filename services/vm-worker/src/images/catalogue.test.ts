import { describe, expect, it } from '@jest/globals';
import { ImageName } from '@golem-provider/contracts';
import { SettingsError } from '@golem-provider/service-kit';
import { extendCatalogue, imageDirectoryName, resolveImage, standardCatalogue } from './catalogue.ts';

const catalogue = standardCatalogue('amd64');
const digest = 'a'.repeat(64);

describe('standardCatalogue', () => {
  it.each([
    ['24.04', 'ubuntu:24.04'],
    ['noble', 'ubuntu:24.04'],
    ['ubuntu:noble', 'ubuntu:24.04'],
    ['ubuntu', 'ubuntu:24.04'],
    ['lts', 'ubuntu:24.04'],
    ['22.04', 'ubuntu:22.04'],
    ['jammy', 'ubuntu:22.04'],
    ['ubuntu:20.04', 'ubuntu:20.04'],
    ['focal', 'ubuntu:20.04'],
    ['debian:12', 'debian:12'],
    ['debian', 'debian:12'],
    ['bookworm', 'debian:12'],
  ])('takes %s for %s', (name, canonical) => {
    expect(resolveImage(catalogue, name)?.name).toBe(canonical);
  });
  it.each(['24.05', 'windows', 'ubuntu:', '', 'UBUNTU'])('does not know %p', (name) => {
    expect(resolveImage(catalogue, name)).toBeUndefined();
  });
  it('gives every name and alias one meaning, and every image a directory of its own', () => {
    const names = catalogue.flatMap((image) => [image.name, ...image.aliases]);
    expect(new Set(names).size).toBe(names.length);
    const directories = catalogue.map(({ name }) => imageDirectoryName(name));
    expect(new Set(directories).size).toBe(directories.length);
  });
  it.each([
    ['amd64', 'https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img'],
    ['arm64', 'https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-arm64.img'],
  ] as const)('fetches the image for %s over https, held against its list of checksums', (architecture, url) => {
    expect(resolveImage(standardCatalogue(architecture), 'ubuntu:24.04')?.source).toEqual({
      kind: 'download',
      url,
      checksum: {
        algorithm: 'sha256',
        listUrl: 'https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS',
      },
    });
  });
});

describe('extendCatalogue', () => {
  it.each([
    ['mine:1=https://example.org/a.qcow2', { kind: 'download', url: 'https://example.org/a.qcow2', checksum: null }],
    [
      `mine=http://example.org/a.qcow2?x=1#sha256=${digest}`,
      {
        kind: 'download',
        url: 'http://example.org/a.qcow2?x=1',
        checksum: { algorithm: 'sha256', digest },
      },
    ],
    ['mine=/srv/a.qcow2', { kind: 'file', path: '/srv/a.qcow2' }],
  ])('adds %s', (entry, source) => {
    const [name = ''] = entry.split('=');
    expect(resolveImage(extendCatalogue(catalogue, [entry]), name)?.source).toEqual(source);
  });

  it.each([
    ['mine', 'QEMU needs'],
    ['Mine=https://example.org/a', 'the name must be'],
    ['-x=/a', 'the name must be'],
    ['mine=http://example.org/a.qcow2', 'https URL'],
    ['mine=file:///etc/passwd', 'https URL'],
    ['mine=relative.qcow2', 'absolute path'],
    ['mine=https://example.org/a#md5=1', 'sha256='],
    ['ubuntu:24.04=/srv/a.qcow2', 'taken'],
    ['noble=/srv/a.qcow2', 'taken'],
    ['debian-12=/srv/a.qcow2', 'taken'],
  ])('refuses %s', (entry, problem) => {
    const extend = () => extendCatalogue(catalogue, [entry]);
    expect(extend).toThrow(SettingsError);
    expect(extend).toThrow(problem);
  });

  it('names every problem at once', () => {
    expect(() => extendCatalogue(catalogue, ['a', 'b=/srv/b', 'c'])).toThrow(/: a: .*; .*: c: /);
  });
});

describe('imageDirectoryName', () => {
  it('is a plain file name', () => {
    expect(imageDirectoryName(ImageName.parse('ubuntu:24.04'))).toBe('ubuntu-24.04');
  });
});
