import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import {
  callDiscovery,
  differenceFrom,
  DISCOVERY_CONTRACT,
  type DiscoveryGeneration,
  eventually,
  type RedisServer,
  startRedisServer,
  TIME,
} from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { createAdvertisementStore } from './advertisement-store.ts';
import { createApp } from './app.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const FIVE_MINUTES = 300_000;
const AD = { ip_address: '203.0.113.7', country: 'SE', resources: { cpu: 4, memory: 8, storage: 80 } };
const HEADERS = { 'X-Provider-ID': 'p1', 'X-Provider-Signature': 'c2ln' };
const PATH = '/api/v1/advertisements';

let redisServer: RedisServer;
let redis: Redis;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  redisServer = await startRedisServer();
  redis = redisServer.client();
});
afterAll(() => redisServer.stop());
beforeEach(() => redis.flushall());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(generation: DiscoveryGeneration, expiryMs = FIVE_MINUTES): Promise<string> {
  const store = createAdvertisementStore(redis, expiryMs);
  const server = createServer(createApp({ generation, store, clock: systemClock, logger }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address: AddressInfo | string | null = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const CASES = DISCOVERY_CONTRACT.flatMap((item) =>
  item.generations.map((generation) => ({ ...item, generation, title: `${item.name} (${generation})` })),
);

describe('the discovery service for development', () => {
  it.each(CASES)('$title', async ({ generation, before = [], request, status, body }) => {
    const url = await start(generation);
    for (const earlier of before) expect((await callDiscovery(url, earlier)).status).toBe(200);

    const reply = await callDiscovery(url, request);

    expect([reply.status, differenceFrom(body, reply.body)]).toEqual([status, undefined]);
  });

  it('keeps when an advertisement was first made', async () => {
    const url = await start('newer');
    const advertise = { method: 'POST', path: PATH, headers: HEADERS, body: AD } as const;
    const first = (await callDiscovery(url, advertise)).body;
    const created = first !== null && typeof first === 'object' && 'created_at' in first ? first.created_at : undefined;

    expect(created).toMatch(TIME);
    expect((await callDiscovery(url, advertise)).body).toMatchObject({ created_at: created });
  });

  it('forgets an advertisement that is not renewed', async () => {
    const url = await start('newer', 200);
    const advertise = { method: 'POST', path: PATH, headers: HEADERS, body: AD } as const;
    // Whether it is there for now shows by this answer alone: it may be gone before one could look.
    expect((await callDiscovery(url, advertise)).status).toBe(200);

    await eventually(
      async () => {
        expect((await callDiscovery(url, { method: 'GET', path: PATH })).body).toEqual([]);
      },
      15_000,
      300,
    );
    expect((await callDiscovery(url, { method: 'GET', path: `${PATH}/p1` })).status).toBe(404);
  });

  it('keeps an advertisement for five minutes, over its own restart too', async () => {
    await callDiscovery(await start('newer'), { method: 'POST', path: PATH, headers: HEADERS, body: AD });
    const ttl = await redis.pttl('golem:discovery:advertisement:p1');

    expect(ttl).toBeGreaterThan(FIVE_MINUTES - 60_000);
    expect(ttl).toBeLessThanOrEqual(FIVE_MINUTES);
    expect((await callDiscovery(await start('newer'), { method: 'GET', path: `${PATH}/p1` })).status).toBe(200);
  });

  it('answers a hundred requests of one address in a minute, and then none', async () => {
    const url = await start('newer');
    const replies = await Promise.all(
      Array.from({ length: 101 }, () => fetch(`${url}/health`, { signal: AbortSignal.timeout(30_000) })),
    );
    const refused = replies.filter(({ status }) => status !== 200);

    expect(refused.map(({ status }) => status)).toEqual([429]);
    expect(refused[0]?.headers.get('retry-after')).toBeNull();
    expect(await refused[0]?.json()).toEqual({
      code: 'RATE_001',
      message: expect.any(String),
      timestamp: expect.stringMatching(TIME),
    });
  });

  it('answers as the services in use do where it serves nothing', async () => {
    const url = await start('newer');
    expect(await callDiscovery(url, { method: 'GET', path: '/elsewhere' })).toEqual({
      status: 404,
      body: { detail: 'Not Found' },
    });
    expect(await callDiscovery(url, { method: 'PUT', path: PATH })).toEqual({
      status: 405,
      body: { detail: 'Method Not Allowed' },
    });
  });
});
