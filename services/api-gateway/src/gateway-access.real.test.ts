import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  API_PREFIX,
  API_ROUTES,
  CreatedVm,
  JobAccepted,
  type RouteContract,
  type RouteName,
  Vm,
} from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import request from 'supertest';
import { z } from 'zod';
import { type EventListener, listenTo } from './testing/event-listener.ts';
import { acceptOwned, bearer, ELSEWHERE, type Owned, WRONG_TOKEN } from './testing/elsewhere.ts';
import { parseProblem } from './testing/api-client.ts';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;
const others: GatewayHarness[] = [];
const listeners: EventListener[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { HOST: '0.0.0.0' });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  for (const other of others.splice(0)) await other.stop();
});

async function startOther(changes: Parameters<typeof startGateway>[1]): Promise<GatewayHarness> {
  const other = await startGateway(server, changes);
  others.push(other);
  return other;
}

async function everythingWritten(): Promise<string> {
  const keys = await gateway.redis.keys('*');
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = await gateway.redis.type(key);
      if (type === 'hash') return JSON.stringify(await gateway.redis.hgetall(key));
      if (type === 'stream') return JSON.stringify(await gateway.redis.xrange(key, '-', '+'));
      return type === 'string' ? ((await gateway.redis.get(key)) ?? '') : '';
    }),
  );
  return [...keys, ...values, JSON.stringify(gateway.logs())].join('\n');
}

function isProtected(route: RouteContract): boolean {
  return route.access === 'owner' || route.access === 'operator';
}

function hasSubject({ path, access }: RouteContract): boolean {
  return access === 'owner' && path.includes('{');
}

const names = Object.keys(API_ROUTES).filter((name): name is RouteName => name in API_ROUTES);
const protectedRoutes = names.filter((name) => isProtected(API_ROUTES[name]));
const subjectRoutes = names.filter((name) => hasSubject(API_ROUTES[name]));

describe('a route that is not for everybody', () => {
  let owned: Owned;
  let params: Record<string, string>;
  let before: unknown;

  beforeEach(async () => {
    owned = await acceptOwned(gateway, 'web');
    params = { id: owned.vm_id, job_id: owned.job_id, name: 'a-key' };
    before = [await gateway.records.listVms(), await gateway.records.listPendingOperations()];
  });
  const input = (name: RouteName, headers: Record<string, string>) => {
    const route: RouteContract = API_ROUTES[name];
    return { params, headers, ...(route.body !== undefined && { body: {} }) };
  };
  afterEach(async () => {
    expect([await gateway.records.listVms(), await gateway.records.listPendingOperations()]).toEqual(before);
  });

  it.each(protectedRoutes)('%s answers 401 without a token', async (name) => {
    const { status, body, headers } = await gateway.api.call(name, input(name, ELSEWHERE));

    expect([status, body]).toEqual([401, expect.objectContaining({ code: 'UNAUTHORIZED' })]);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="golem-provider"(, Basic|$)/);
  });

  it.each(protectedRoutes)('%s answers 401 to a wrong token, also from the host', async (name) => {
    for (const headers of [bearer(WRONG_TOKEN), { Authorization: `Bearer ${WRONG_TOKEN}` }, bearer('nonsense')]) {
      const { status, headers: sent } = await gateway.api.call(name, input(name, headers));
      expect(status).toBe(401);
      expect(sent['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it.each(subjectRoutes)("%s answers 404 to another owner's token, as for what is not there", async (name) => {
    const stranger = (await acceptOwned(gateway, 'other')).token;
    before = [await gateway.records.listVms(), await gateway.records.listPendingOperations()];

    const { status, body } = await gateway.api.call(name, input(name, bearer(stranger)));

    const code = API_ROUTES[name].path.includes('job_id') ? 'JOB_NOT_FOUND' : 'VM_NOT_FOUND';
    expect([status, body]).toEqual([404, expect.objectContaining({ code })]);
    const missing = { id: 'golem-none-20260101-120000', job_id: 'op-00000000-0000-0000-0000-000000000000', name: 'x' };
    const reply = await gateway.api.call(name, { ...input(name, bearer(stranger)), params: missing });
    expect(reply.body).toMatchObject({ status, code });
  });
});

describe('an owner', () => {
  it('does with the token of its creation what can be done to a VM, and sees nothing else', async () => {
    const mine = await acceptOwned(gateway, 'mine');
    await acceptOwned(gateway, 'other');
    await gateway.accept('the-hosts');
    await gateway.finishCreation(mine);
    const headers = bearer(mine.token);

    const list = await gateway.api.call('listVms', { headers });
    expect(
      z
        .array(Vm)
        .parse(list.body)
        .map(({ id }) => id),
    ).toEqual([mine.vm_id]);
    expect((await gateway.api.call('getVm', { params: { id: mine.vm_id }, headers })).status).toBe(200);
    expect((await gateway.api.call('getJob', { params: { job_id: mine.job_id }, headers })).status).toBe(200);
    const stop = { params: { id: mine.vm_id }, headers, query: { async: 'true' } };
    const stopping = JobAccepted.parse((await gateway.api.call('stopVm', stop)).body);
    expect((await gateway.api.call('getJob', { params: { job_id: stopping.job_id }, headers })).status).toBe(200);
    expect(z.array(Vm).parse((await gateway.api.call('listVms')).body)).toHaveLength(3);
  });

  it('is told of its own VMs alone', async () => {
    const mine = await acceptOwned(gateway, 'mine');
    const listener = await listenTo(`${gateway.baseUrl}${API_PREFIX}/events`, bearer(mine.token));
    listeners.push(listener);
    await acceptOwned(gateway, 'other');
    await gateway.accept('the-hosts');
    await gateway.finishCreation(mine);

    await eventually(() => expect(listener.events).toHaveLength(2));
    expect(listener.events.map(({ event }) => 'vm_id' in event && event.vm_id)).toEqual([mine.vm_id, mine.vm_id]);
    expect(listener.text()).not.toContain('owner');
  });

  it('reads the job of a deletion when the VM is gone, and nobody else does', async () => {
    const mine = await acceptOwned(gateway, 'mine');
    const stranger = await acceptOwned(gateway, 'other');
    await gateway.finishCreation(mine);
    const headers = bearer(mine.token);
    const deletion = { params: { id: mine.vm_id }, headers, query: { async: 'true' } };
    const { job_id } = JobAccepted.parse((await gateway.api.call('deleteVm', deletion)).body);
    await gateway.finishDeletion(JobAccepted.shape.job_id.parse(job_id), mine.vm_id);

    expect((await gateway.api.call('getJob', { params: { job_id }, headers })).body).toMatchObject({
      status: 'completed',
    });
    expect((await gateway.api.call('getJob', { params: { job_id }, headers: bearer(stranger.token) })).status).toBe(
      404,
    );
  });

  it('has one token for all that it creates with it', async () => {
    const first = await acceptOwned(gateway, 'first');
    const second = await acceptOwned(gateway, 'second', bearer(first.token));

    expect(second.token).toBe('');
    const list = await gateway.api.call('listVms', { headers: bearer(first.token) });
    expect(
      z
        .array(Vm)
        .parse(list.body)
        .map(({ id }) => id),
    ).toEqual([first.vm_id, second.vm_id]);
  });

  it('gets the token with the VM too; it is kept nowhere and logged nowhere', async () => {
    const headers = { ...ELSEWHERE, 'X-Request-Id': 'token-test' };
    const reply = gateway.api.call('createVm', { headers, body: { name: 'web' } });
    const { id, vm_id } = await gateway.pendingOperation();
    await gateway.finishCreation({ job_id: id, vm_id, status: 'queued' });
    const { owner_token = '' } = CreatedVm.parse((await reply).body);
    expect((await gateway.api.call('getVm', { params: { id: vm_id }, headers: bearer(owner_token) })).status).toBe(200);

    // Its line is written when the answer is through, which its reader may see first.
    await eventually(() =>
      expect(gateway.logs()).toContainEqual(
        expect.objectContaining({ request_id: 'token-test', msg: 'request completed' }),
      ),
    );
    const written = await everythingWritten();
    expect(owner_token).toMatch(/^gpo_/);
    expect(written).toContain(vm_id);
    expect(written).not.toContain(owner_token);
    expect(written).not.toContain(owner_token.split('.')[1]);
  });

  it('keeps its token when the gateway is started anew', async () => {
    const other = await startOther({});
    const mine = await acceptOwned(other, 'mine', ELSEWHERE);
    const again = await startGateway(server, { DATA_DIR: other.dataDirectory });
    others.push(again);

    const input = { params: { id: mine.vm_id }, headers: bearer(mine.token) };
    expect((await again.api.call('getVm', input)).status).toBe(200);
  });
});

describe('the host itself', () => {
  it('needs no token and is given none', async () => {
    const { token, vm_id } = await acceptOwned(gateway, 'web', {});

    expect(token).toBe('');
    expect((await gateway.api.call('getVm', { params: { id: vm_id } })).status).toBe(200);
    expect((await gateway.records.getVm(vm_id))?.owner).toBeNull();
  });

  it.each([
    ['a forwarded request', { 'X-Forwarded-For': '127.0.0.1' }],
    ['a request by another name', { Host: 'provider.example.org' }],
    ["a page of another site in the host's browser", { Origin: 'https://evil.example' }],
    ["a form of another site in the host's browser", { 'Sec-Fetch-Site': 'cross-site' }],
  ])('is not %s', async (_, headers) => {
    expect((await gateway.api.problem('listVms', { headers })).code).toBe('UNAUTHORIZED');
  });

  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  const whereItHasOne = own === undefined ? it.skip : it;
  whereItHasOne("is not whoever calls from the host's own address, as guests may", async () => {
    const response = await request(`http://${own}:${gateway.port}`).get('/api/v1/vms');

    expect(parseProblem(response).code).toBe('UNAUTHORIZED');
  });
});
