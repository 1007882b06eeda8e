import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { dataDirectory, loadOperatorToken } from '@golem-provider/service-kit';
import { temporaryDirectory } from '@golem-provider/testing';
import { EXIT_CODES } from '../exit-codes.ts';
import { localOperatorToken, normaliseUrl } from './operator-context.ts';

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

describe('localOperatorToken', () => {
  it('is that of the file which the gateway made, and none where there is no file', async () => {
    const directory = await temporaryDirectory();
    try {
      const data = dataDirectory(directory.path);
      const token = await loadOperatorToken(data.operatorToken);

      expect(token).toMatch(/^gpa_[\w-]{43}$/);
      expect(localOperatorToken(data)).toBe(token);
      expect(localOperatorToken({ operatorToken: join(directory.path, 'none') })).toBeUndefined();
    } finally {
      await directory.dispose();
    }
  });
});
