import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from '../exit-codes.ts';
import { normaliseUrl } from './operator-context.ts';

describe('normaliseUrl', () => {
  it.each(['http://host:7466', 'http://host:7466/', 'http://host:7466/api/v1', 'http://host:7466/api/v1/'])(
    'takes %s',
    (url) => {
      expect(normaliseUrl(url)).toBe('http://host:7466');
    },
  );
  it.each(['host:7466', 'ftp://host', ''])('refuses %j', (url) => {
    expect(() => normaliseUrl(url)).toThrow(expect.objectContaining({ exitCode: EXIT_CODES.usage }));
  });
});
