import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HostId, type ProviderEvent, redisNames } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { eventually, freePort, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { Redis } from 'ioredis';
import { createEventFeed, type EventFeed } from './event-feed.ts';

const HOST = HostId.parse('test-host');
const logger = createLogger({ name: 'test', level: 'silent', pretty: false });

function event(status: string): string {
  return JSON.stringify({
    type: 'vm',
    at: '2026-01-01T00:00:00.000Z',
    vm_id: 'golem-web-20260101-000000',
    status,
    error: null,
  });
}

let server: RedisServer;
let feed: EventFeed | undefined;

beforeAll(async () => {
  server = await startRedisServer();
});
afterEach(async () => {
  await feed?.stop();
  feed = undefined;
});
afterAll(() => server.stop());

const stateOf = (event: ProviderEvent): string => (event.type === 'mend' ? event.mend : event.status);

async function startFeed(): Promise<string[]> {
  feed = createEventFeed(server.client(), HOST, logger);
  await feed.start();
  const seen: string[] = [];
  feed.subscribe(({ event }) => seen.push(stateOf(event)));
  return seen;
}

describe('createEventFeed', () => {
  it('passes on what happens after its start, in order, and nothing from before', async () => {
    const redis = server.client();
    const stream = redisNames(HOST).events;
    await redis.xadd(stream, '*', 'json', event('creating'));

    const seen = await startFeed();
    for (const status of ['running', 'stopping', 'stopped']) await redis.xadd(stream, '*', 'json', event(status));

    await eventually(() => expect(seen).toEqual(['running', 'stopping', 'stopped']));
  });

  it('passes nothing on after the listener has left', async () => {
    const redis = server.client();
    const seen: string[] = [];
    const others = await startFeed();
    const leave = feed?.subscribe(({ event }) => seen.push(stateOf(event)));
    leave?.();

    await redis.xadd(redisNames(HOST).events, '*', 'json', event('running'));

    await eventually(() => expect(others).toEqual(['running']));
    expect(seen).toEqual([]);
  });

  it('stops while Redis cannot be reached, also before it ever was', async () => {
    const redis = new Redis({ port: await freePort(), maxRetriesPerRequest: null, retryStrategy: () => 60_000 });
    redis.on('error', () => undefined);
    const unreachable = createEventFeed(redis, HOST, logger);
    const starting = unreachable.start();
    await eventually(() => expect(redis.status).toBe('reconnecting'));

    await Promise.all([expect(starting).rejects.toThrow(), unreachable.stop()]);
  });

  it('stops while it waits for a Redis that has gone', async () => {
    const going = await startRedisServer();
    const redis = new Redis(going.url.slice('unix://'.length), {
      maxRetriesPerRequest: null,
      retryStrategy: () => 60_000,
    });
    redis.on('error', () => undefined);
    const left = createEventFeed(redis, HOST, logger);
    await left.start();
    await going.stop();
    await eventually(() => expect(redis.status).toBe('reconnecting'));

    await expect(left.stop()).resolves.toBeUndefined();
  });
});
