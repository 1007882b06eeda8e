import { describe, expect, it } from '@jest/globals';
import {
  extendMultipassImages,
  findMultipassImage,
  MULTIPASS_DEFAULT_IMAGE,
  MULTIPASS_IMAGES,
} from './multipass-images.ts';

describe('an image of Multipass', () => {
  it.each([
    ['ubuntu:20.04', '20.04'],
    ['20.04', '20.04'],
    ['focal', '20.04'],
    ['ubuntu:jammy', '22.04'],
    ['noble', '24.04'],
    ['ubuntu', '24.04'],
    [MULTIPASS_DEFAULT_IMAGE, '24.04'],
  ])('named %s is launched as %s', (name, launchName) => {
    expect(findMultipassImage(MULTIPASS_IMAGES, name)?.launchName).toBe(launchName);
  });

  it.each(['debian:12', 'ubuntu:18.04', 'file', ''])('named %j is none', (name) => {
    expect(findMultipassImage(MULTIPASS_IMAGES, name)).toBeUndefined();
  });

  it.each([
    ['core24', 'core24', 'core24'],
    ['next=devel', 'next', 'devel'],
    ['mine=https://example.org/a.img?x=1', 'mine', 'https://example.org/a.img?x=1'],
    ['mine:2 = /srv/my image.img', 'mine:2', 'file:///srv/my image.img'],
    ['mine=file:///srv/a.img', 'mine', 'file:///srv/a.img'],
  ])('may be added by the operator as %j', (entry, name, launchName) => {
    const images = extendMultipassImages(MULTIPASS_IMAGES, [entry]);
    expect(findMultipassImage(images, name)?.launchName).toBe(launchName);
    expect(images).toHaveLength(MULTIPASS_IMAGES.length + 1);
  });

  it.each([
    ['noble', 'the name is taken'],
    ['Bad Name=/a', 'the name must be'],
    ['mine=http://example.org/a.img', 'Multipass needs'],
    ['mine=--help', 'Multipass needs'],
    ['mine=', 'Multipass needs'],
    ['mine=relative/a.img', 'Multipass needs'],
  ])('may not be added as %j', (entry, problem) => {
    expect(() => extendMultipassImages(MULTIPASS_IMAGES, [entry])).toThrow(
      expect.objectContaining({ problems: [expect.stringContaining(problem)] }),
    );
  });
});
