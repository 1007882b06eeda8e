import { describe, expect, it } from '@jest/globals';
import { isFileSpoiled } from './forward-directory.ts';

describe('a file of the proxy that cannot be read', () => {
  it.each([
    ['EISDIR', true],
    ['ELOOP', true],
    ['EACCES', true],
    ['EIO', true],
    ['ENOENT', true],
    ['EMFILE', false],
    ['ENFILE', false],
    ['ENOMEM', false],
    ['EAGAIN', false],
  ])('is to blame itself for %s: %s', (code, isSpoiled) => {
    expect(isFileSpoiled(Object.assign(new Error('reading failed'), { code }))).toBe(isSpoiled);
  });

  it('is not to blame for a defect', () => {
    expect(isFileSpoiled(new TypeError('not a system error'))).toBe(false);
  });
});
