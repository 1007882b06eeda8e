import { readFile, stat } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Vm } from '@golem-provider/contracts';
import { dataDirectory } from '@golem-provider/service-kit';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { acceptOwned, bearer, ELSEWHERE, WRONG_TOKEN } from './testing/elsewhere.ts';
import { COUNTS_IN_REDIS, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

const API_KEY = 'a-key-of-a-requestor';

let server: RedisServer;
const others: GatewayHarness[] = [];

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
});

async function startOther(changes: Parameters<typeof startGateway>[1]): Promise<GatewayHarness> {
  const other = await startGateway(server, changes, COUNTS_IN_REDIS);
  others.push(other);
  await other.reset();
  return other;
}

describe('API keys', () => {
  it('are needed to create VMs where there are some, and are good for nothing else', async () => {
    const other = await startOther({ API_KEYS: [API_KEY] });
    const wish = { query: { async: 'true' }, body: { name: 'web' } };

    expect(await other.api.problem('createVm', { ...wish, headers: ELSEWHERE })).toMatchObject({ status: 401 });
    expect(await other.api.problem('createVm', { ...wish, headers: bearer(WRONG_TOKEN) })).toMatchObject({
      status: 401,
    });
    const mine = await acceptOwned(other, 'web', bearer(API_KEY));
    expect(await other.api.problem('createVm', { ...wish, headers: bearer(mine.token) })).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
      detail: expect.stringContaining('API key'),
    });
    const get = { params: { id: mine.vm_id } };
    expect(await other.api.problem('getVm', { ...get, headers: bearer(API_KEY) })).toMatchObject({ status: 403 });
    expect((await other.api.call('getVm', { ...get, headers: bearer(mine.token) })).status).toBe(200);
    expect((await other.api.call('createVm', wish)).status).toBe(202);
    expect(await other.records.listVms()).toHaveLength(2);
  });

  it.each([
    [{ API_KEYS: ['short'] }, 'GOLEM_PROVIDER_API_KEYS: a key must have at least 16 characters'],
    [{ API_KEYS_FILE: '/nonexistent/keys' }, 'GOLEM_PROVIDER_API_KEYS_FILE: /nonexistent/keys cannot be read'],
  ])('end the start when they are wrong: %j', async (changes, problem) => {
    await expect(startOther(changes)).rejects.toMatchObject({ problems: [problem] });
  });
});

describe('a provider where everybody needs a token', () => {
  it("lets the host in by the operator's token alone, which is in a file for the operator", async () => {
    const other = await startOther({ AUTH: 'token' });
    const file = dataDirectory(other.dataDirectory).operatorToken;
    const token = (await readFile(file, 'utf8')).trim();

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await other.api.problem('listVms')).toMatchObject({ status: 401 });
    expect(await other.api.problem('createVm', { body: { name: 'web' } })).toMatchObject({ status: 401 });
    expect((await other.api.call('listVms', { headers: bearer(token) })).status).toBe(200);
    expect((await other.api.get('/admin/queues')).status).toBe(401);
    const password = Buffer.from(`operator:${token}`).toString('base64');
    expect((await other.api.get('/admin/queues', { Authorization: `Basic ${password}` })).status).toBe(200);
    const forPage = { Authorization: `Basic ${password}`, 'Sec-Fetch-Site': 'cross-site' };
    expect((await other.api.get('/admin/queues', forPage)).status).toBe(401);
    for (const name of ['getHealth', 'getReadiness', 'getProviderInfo', 'getProviderResources'] as const) {
      expect((await other.api.call(name, { headers: ELSEWHERE })).status).toBe(200);
    }
  });
});

describe('an open provider', () => {
  it('lets everybody do everything with VMs, and the operator alone see the queues', async () => {
    const other = await startOther({ AUTH: 'open' });
    const mine = await acceptOwned(other, 'mine', ELSEWHERE);
    await other.accept('the-hosts');

    const list = await other.api.call('listVms', { headers: { ...ELSEWHERE, Authorization: 'Bearer whatever' } });
    expect(z.array(Vm).parse(list.body)).toHaveLength(2);
    expect((await other.api.call('getJob', { params: { job_id: mine.job_id }, headers: ELSEWHERE })).status).toBe(200);
    const deletion = { params: { id: mine.vm_id }, headers: ELSEWHERE, query: { async: 'true' } };
    expect((await other.api.call('deleteVm', deletion)).status).toBe(202);
    expect((await other.api.get('/admin/queues', ELSEWHERE)).status).toBe(401);
    expect((await other.api.get('/admin/queues', bearer(mine.token))).status).toBe(403);
  });
});

describe('trusted proxies', () => {
  it('tell whose request it is, and never are the host itself', async () => {
    const other = await startOther({ TRUSTED_PROXIES: ['127.0.0.1'], RATE_LIMIT_PER_MINUTE: 2 });
    const from = async (address: string): Promise<number> =>
      (await other.api.call('getProviderInfo', { headers: { 'X-Forwarded-For': address } })).status;

    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([200, 200, 429]);
    expect(await from('192.0.2.2')).toBe(200);
    expect(await other.api.problem('listVms')).toMatchObject({ code: 'UNAUTHORIZED' });
    await eventually(() =>
      expect(other.logs()).toContainEqual(
        expect.objectContaining({ req: { method: 'GET', path: '/api/v1/provider/info', client: '192.0.2.2' } }),
      ),
    );
  });
});
