import { createLogger } from '@golem-provider/service-kit';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkNamedRedis } from './redis-check.ts';

describe('checkNamedRedis', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(() => server.stop());

  const check = async (): Promise<string> => {
    let log = '';
    await checkNamedRedis(
      server.url,
      createLogger({ name: 'test', level: 'info', pretty: false }, { write: (line) => void (log += line) }),
    );
    return log;
  };

  it('says nothing of a Redis that keeps everything', async () => {
    expect(await check()).toBe('');
  });

  it('warns of one that loses or evicts records', async () => {
    await server.client().config('SET', 'appendonly', 'no');
    await server.client().config('SET', 'maxmemory-policy', 'allkeys-lru');

    const log = await check();

    expect(log).toContain('appendonly is no');
    expect(log).toContain('maxmemory-policy is allkeys-lru');
  });
});
