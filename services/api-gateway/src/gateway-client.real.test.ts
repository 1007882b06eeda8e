import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProviderClient } from '@golem-provider/client';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { AUTH: 'host', TRUSTED_PROXIES: ['127.0.0.1'] });
  await gateway.reset();
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

describe('the typed client', () => {
  it('creates a VM, shows it by its token, and tells problems from answers', async () => {
    const anybody = createProviderClient({ baseUrl: `${gateway.baseUrl}/` });
    const created = await anybody.POST('/vms', {
      params: { query: { async: true }, header: { 'idempotency-key': '1e6c3b6e-3a0b-4f2e-8d57-0e2f6f3c9a11' } },
      body: { name: 'web', size: 'small' },
    });
    const { vm_id: id = '', owner_token: token } =
      created.data !== undefined && 'vm_id' in created.data ? created.data : {};
    const owner = createProviderClient({ baseUrl: gateway.baseUrl, token });
    const path = { params: { path: { id } } };

    expect(created.response.status).toBe(202);
    expect((await owner.GET('/vms/{id}', path)).data).toMatchObject({ id, status: 'creating', memory_gb: 1 });
    expect((await anybody.GET('/vms/{id}', path)).error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect((await owner.GET('/vms')).data).toHaveLength(1);
  });
});
