import { dataDirectory } from '@golem-provider/service-kit';
import { describe, expect, it } from '@jest/globals';
import { renderRedisConf, socketPathProblem } from './redis-conf.ts';

describe('renderRedisConf', () => {
  it('opens no port, keeps every write and evicts nothing', () => {
    const lines = renderRedisConf(dataDirectory('/data'), '/data/logs/redis.log').split('\n');

    expect(lines).toEqual(
      expect.arrayContaining([
        'port 0',
        'unixsocket "/data/redis/redis.sock"',
        'unixsocketperm 700',
        'appendonly yes',
        'appendfsync everysec',
        'maxmemory-policy noeviction',
      ]),
    );
  });

  it('keeps a path with spaces, quotes and backslashes in one word', () => {
    expect(renderRedisConf(dataDirectory('/a "b\\c'), '/log')).toContain(String.raw`dir "/a \"b\\c/redis"`);
  });
});

describe('socketPathProblem', () => {
  it.each([
    ['the longest path that fits', `/${'a'.repeat(106)}`, false],
    ['one byte more', `/${'a'.repeat(107)}`, true],
    ['bytes, not characters', `/${'ä'.repeat(54)}`, true],
  ])('judges %s', (_name, path, isProblem) => {
    expect(socketPathProblem(path) !== undefined).toBe(isProblem);
  });

  it('names the setting to change', () => {
    expect(socketPathProblem(`/${'a'.repeat(200)}`)).toContain('GOLEM_PROVIDER_DATA_DIR');
  });
});
