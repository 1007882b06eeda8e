import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_PREFIX, CreatedVm, JobAccepted, VmId } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import type { CallInput } from './testing/api-client.ts';
import { acceptOwned, bearer, ELSEWHERE } from './testing/elsewhere.ts';
import { failure, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server);
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

function wish(key: string, more: CallInput = {}): CallInput {
  return { body: { name: 'web' }, ...more, headers: { 'Idempotency-Key': key, ...more.headers } };
}

const ASYNC = { query: { async: 'true' } };

async function pendingCreation(): Promise<JobAccepted> {
  const { id, vm_id } = await gateway.pendingOperation();
  return { job_id: id, vm_id, status: 'queued' };
}

describe('a creation with an idempotency key', () => {
  it('is answered again as it was first, though the VM has changed and is gone', async () => {
    const reply = gateway.api.call('createVm', wish('one'));
    const job = await pendingCreation();
    await gateway.finishCreation(job);
    const first = await reply;
    await gateway.records.update({ vm: { id: job.vm_id, change: (vm) => ({ ...vm, status: 'stopped' }) } });

    const second = await gateway.api.call('createVm', wish('one'));
    const vm = await gateway.records.getVm(job.vm_id);
    if (vm !== undefined) await gateway.records.forget(vm);
    const third = await gateway.api.call('createVm', wish('one'));

    expect(first.status).toBe(201);
    for (const again of [second, third]) {
      expect([again.status, again.body]).toEqual([201, first.body]);
      expect(again.headers).toMatchObject({ location: first.headers['location'], etag: first.headers['etag'] });
    }
    expect(await gateway.records.listVms()).toEqual([]);
  });

  it('is answered again with its job where that was the answer', async () => {
    const first = await gateway.api.call('createVm', wish('one', ASYNC));
    await gateway.finishCreation(JobAccepted.parse(first.body));
    const second = await gateway.api.call('createVm', wish('one', ASYNC));

    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(second.headers['location']).toBe(first.headers['location']);
    expect(await gateway.records.listVms()).toHaveLength(1);
  });

  it('waits for the one that is under way; many at once make one VM', async () => {
    const replies = Promise.all(Array.from({ length: 20 }, () => gateway.api.call('createVm', wish('one'))));
    const job = await pendingCreation();
    await gateway.finishCreation(job);

    const all = await replies;
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 201));
    expect(new Set(all.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await gateway.records.listVms()).toHaveLength(1);
  });

  it('is refused where the key came with another body, before and after the end', async () => {
    const job = JobAccepted.parse((await gateway.api.call('createVm', wish('one', ASYNC))).body);
    const other = wish('one', { ...ASYNC, body: { name: 'other' } });
    const refused = { status: 422, code: 'IDEMPOTENCY_KEY_REUSED' };

    expect(await gateway.api.problem('createVm', other)).toMatchObject(refused);
    await gateway.finishCreation(job);
    expect(await gateway.api.problem('createVm', other)).toMatchObject(refused);
    expect(await gateway.records.listVms()).toHaveLength(1);
  });

  it('is the same with its fields in another order', async () => {
    const first = await gateway.api.call('createVm', wish('one', { ...ASYNC, body: '{"name":"web","size":"small"}' }));
    const second = await gateway.api.call('createVm', wish('one', { ...ASYNC, body: '{"size":"small","name":"web"}' }));

    expect(second.body).toEqual(first.body);
  });

  it('may be tried again after it was refused', async () => {
    await gateway.redis.del(gateway.names.reportFresh('worker'));
    expect((await gateway.api.problem('createVm', wish('one', ASYNC))).status).toBe(503);
    await gateway.redis.set(gateway.names.reportFresh('worker'), '1');

    expect((await gateway.api.call('createVm', wish('one', ASYNC))).status).toBe(202);
  });

  it('fails again as it failed first', async () => {
    const reply = gateway.api.problem('createVm', wish('one'));
    const { job_id, vm_id } = await pendingCreation();
    await gateway.fail(job_id, vm_id, failure('HYPERVISOR_FAILED', 'did not boot'));

    const { instance, request_id, ...first } = await reply;
    expect([first.status, instance]).toEqual([502, '/api/v1/vms']);
    const again = await gateway.api.problem('createVm', wish('one'));
    expect(again).toMatchObject(first);
    expect(again.request_id).not.toBe(request_id);
    expect(await gateway.records.listVms()).toHaveLength(1);
  });

  it('finds its VM when the client left before the answer and the gateway is another one', async () => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'one' };
    const client = httpRequest(`${gateway.baseUrl}${API_PREFIX}/vms`, { method: 'POST', headers });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ name: 'web' }));
    const job = await pendingCreation();
    client.destroy();
    const other = await startGateway(server);
    try {
      const again = other.api.call('createVm', wish('one'));
      await gateway.finishCreation(job);

      expect(CreatedVm.parse((await again).body).id).toBe(job.vm_id);
      expect(await gateway.records.listVms()).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  it('is bound for a day, and enqueued again for whoever ended in between', async () => {
    const first = JobAccepted.parse((await gateway.api.call('createVm', wish('one', ASYNC))).body);
    const [key = ''] = (await gateway.redis.keys('*')).filter((name) => name.includes(':idempotency:'));
    expect(await gateway.redis.pttl(key)).toBeGreaterThan(23.9 * 3_600_000);
    await gateway.redis.del(gateway.jobKey(first.job_id));
    await gateway.redis.hdel(key, 'answer');

    await gateway.api.call('createVm', wish('one', ASYNC));
    expect(await gateway.redis.exists(gateway.jobKey(first.job_id))).toBe(1);
  });
});

describe('a creation that Redis carries out after it was told to have failed', () => {
  it('makes no second VM', async () => {
    const redis = await startRedisServer();
    const other = await startGateway(redis);
    try {
      await other.reset();
      // Whatever writes stays in Redis until it goes on, also when whoever sent it has given up.
      await other.redis.client('PAUSE', 600_000, 'WRITE');
      const refused = await other.api.problem('createVm', wish('one', ASYNC));
      expect(refused).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
      expect(await other.records.listVms()).toEqual([]);
      await other.redis.client('UNPAUSE');
      await eventually(async () => expect(await other.records.listVms()).toHaveLength(1));

      const again = JobAccepted.parse((await other.api.call('createVm', wish('one', ASYNC))).body);
      expect(await other.records.listVms()).toMatchObject([{ id: again.vm_id }]);
      expect(await other.redis.exists(other.jobKey(again.job_id))).toBe(1);
    } finally {
      await other.stop();
      await redis.stop();
    }
  });
});

describe('the keys of several requestors', () => {
  it('are their own, and give the token of the owner to that owner alone', async () => {
    const from = async (headers: Record<string, string>) =>
      gateway.api.call('createVm', wish('one', { ...ASYNC, headers }));
    const first = await from(ELSEWHERE);
    const again = await from(ELSEWHERE);
    expect(again.body).toEqual(first.body);
    expect(again.body).toHaveProperty('owner_token');

    const host = await from({});
    expect(JobAccepted.parse(host.body).vm_id).not.toBe(JobAccepted.parse(first.body).vm_id);
    const owner = await acceptOwned(gateway, 'mine');
    const owned = [await from(bearer(owner.token)), await from(bearer(owner.token))];
    expect(owned[1]?.body).toEqual(owned[0]?.body);
    expect(owned[0]?.body).not.toHaveProperty('owner_token');
    const ids = [first, host, owned[0]].map((reply) => VmId.parse(JobAccepted.parse(reply?.body).vm_id));
    expect(new Set(ids).size).toBe(3);
    const stored = await Promise.all(
      (await gateway.redis.keys('*:idempotency:*')).map((key) => gateway.redis.hgetall(key)),
    );
    expect(JSON.stringify(stored)).not.toContain('gpo_');
  });
});
