import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import request from 'supertest';
import { parseProblem } from './testing/api-client.ts';
import { COUNTS_IN_REDIS, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
const started: GatewayHarness[] = [];
const stores: RedisServer[] = [];

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const gateway of started.splice(0)) await gateway.stop();
  for (const store of stores.splice(0)) await store.stop();
});

async function start(changes: Parameters<typeof startGateway>[1], redis = server): Promise<GatewayHarness> {
  const gateway = await startGateway(redis, changes, COUNTS_IN_REDIS);
  started.push(gateway);
  return gateway;
}

describe('the limits of a client', () => {
  it('are counted together by all gateways of a host, also by one that was started anew', async () => {
    const [first, second] = [await start({ RATE_LIMIT_PER_MINUTE: 3 }), await start({ RATE_LIMIT_PER_MINUTE: 3 })];
    await first.reset();
    const statuses = [];
    for (const gateway of [first, second, first, second]) statuses.push((await gateway.api.call('listVms')).status);

    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('are of their own for reading, changing and creating, and all are told', async () => {
    const gateway = await start({
      RATE_LIMIT_READS_PER_MINUTE: 3,
      RATE_LIMIT_CHANGES_PER_MINUTE: 2,
      RATE_LIMIT_CREATIONS_PER_MINUTE: 1,
    });
    await gateway.reset();
    const create = { body: { name: 'web' }, query: { async: 'true' } };
    const change = { params: { id: 'golem-none-20260101-120000' } };
    const answers = async (count: number, call: () => Promise<{ status: number }>): Promise<number[]> => {
      const statuses = [];
      for (let i = 0; i < count; i += 1) statuses.push((await call()).status);
      return statuses;
    };

    expect(await answers(2, () => gateway.api.call('createVm', create))).toEqual([202, 429]);
    expect(await answers(3, () => gateway.api.call('stopVm', change))).toEqual([404, 404, 429]);
    expect(await answers(3, () => gateway.api.call('listVms'))).toEqual([200, 200, 200]);
    const last = await gateway.api.get('/api/v1/vms');
    expect(parseProblem(last)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(last.headers['ratelimit-policy']).toMatch(/"requests"; q=100000; w=60;.*"reads"; q=3; w=60;/);
    expect(last.headers['ratelimit']).toMatch(/"requests"; r=99991;.*"reads"; r=0;/);
    expect(await gateway.records.listVms()).toHaveLength(1);
  });

  it('are counted anew after their minute also when the clock of Redis was set back', async () => {
    const gateway = await start({ RATE_LIMIT_PER_MINUTE: 3 });
    await gateway.reset();
    const statusOf = async (): Promise<number> => (await gateway.api.call('listVms')).status;
    for (const status of [200, 200, 200, 429]) expect(await statusOf()).toBe(status);
    const redis = server.client();
    const counts = await redis.keys('*:rate:*');
    expect(counts).not.toEqual([]);
    for (const key of counts) await redis.pexpire(key, 24 * 60 * 60_000);

    expect(await statusOf()).toBe(200);
    for (const key of counts) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
  });

  it('are held without Redis too', async () => {
    const redis = await startRedisServer();
    stores.push(redis);
    const gateway = await start({ RATE_LIMIT_PER_MINUTE: 3 }, redis);
    await redis.stop();
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await gateway.api.call('getProviderInfo')).status);

    expect(statuses).toEqual([503, 503, 503, 429]);
    expect(gateway.logs().filter(({ msg }) => String(msg).includes('counted in this process'))).toHaveLength(1);
  });
});

describe('pages of other origins', () => {
  const Origin = 'https://shop.example';
  const preflight = (gateway: GatewayHarness) =>
    request(gateway.baseUrl)
      .options('/api/v1/vms')
      .set({ Origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' });

  it('may not use the API unless they are listed', async () => {
    const gateway = await start({ CORS_ORIGINS: ['https://other.example'] });
    expect((await preflight(gateway)).headers['access-control-allow-origin']).toBeUndefined();
    const closed = await start({});
    expect((await preflight(closed)).status).toBe(405);
    expect((await closed.api.get('/api/v1/provider/info', { Origin })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it('may, with a token, where they are', async () => {
    const gateway = await start({ CORS_ORIGINS: [Origin] });
    const allowed = await preflight(gateway);

    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, Origin]);
    expect(allowed.headers['access-control-allow-headers']).toBe('authorization');
    const list = await gateway.api.get('/api/v1/vms', { Origin });
    expect(list.status).toBe(401);
    expect(list.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
  });
});
