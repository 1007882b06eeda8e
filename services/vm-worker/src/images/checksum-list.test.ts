import { describe, expect, it } from '@jest/globals';
import { findChecksum } from './checksum-list.ts';

const a = 'a'.repeat(64);
const b = 'B'.repeat(128);
const list = `${a} *noble-server.img\n${b}  debian.qcow2\r\n${a}  ./dotted.img\n# a comment\nshort  x.img\n`;

describe('findChecksum', () => {
  it.each([
    ['noble-server.img', a],
    ['debian.qcow2', b.toLowerCase()],
    ['dotted.img', a],
    ['server.img', undefined],
    ['x.img', undefined],
    ['', undefined],
  ])('finds %p', (file, digest) => {
    expect(findChecksum(list, file)).toBe(digest);
  });
});
