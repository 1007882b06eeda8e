import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Vm, type VmId } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { failure, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;
let id: VmId;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server);
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(async () => {
  await gateway.reset();
  const job = await gateway.accept('web');
  await gateway.finishCreation(job);
  id = job.vm_id;
});

async function etagOf(): Promise<string> {
  return (await gateway.api.call('getVm', { params: { id } })).headers['etag'] ?? '';
}

async function setStatus(status: Vm['status']): Promise<void> {
  const error = status === 'error' ? failure('GUEST_UNREACHABLE', 'no answer') : null;
  await gateway.records.update({ vm: { id, change: (vm) => ({ ...vm, status, error }) } });
}

describe('a VM that was read before', () => {
  it('is not sent again until it has changed', async () => {
    const etag = await etagOf();
    const input = { params: { id }, headers: { 'If-None-Match': etag } };

    const unchanged = await gateway.api.call('getVm', input);
    expect([unchanged.status, unchanged.headers['etag'], unchanged.body]).toEqual([304, etag, undefined]);
    await setStatus('stopped');
    const changed = await gateway.api.call('getVm', input);
    expect(changed.status).toBe(200);
    expect(changed.headers['etag']).not.toBe(etag);
    expect(changed.headers['cache-control']).toBe('private, no-cache');
  });

  it.each(['startVm', 'stopVm', 'restartVm', 'deleteVm'] as const)(
    '%s changes it only as it was read',
    async (route) => {
      const etag = await etagOf();
      await setStatus('stopped');
      const before = await gateway.records.getVm(id);
      const input = { params: { id }, query: { async: 'true' } };

      const refused = await gateway.api.problem(route, { ...input, headers: { 'If-Match': etag } });
      expect(refused).toMatchObject({ status: 412, code: 'PRECONDITION_FAILED' });
      expect(await gateway.records.getVm(id)).toEqual(before);
      expect(await gateway.records.listPendingOperations()).toEqual([]);

      await setStatus('running');
      const current = { 'If-Match': `"other", ${await etagOf()}` };
      expect((await gateway.api.call(route, { ...input, headers: current })).status).toBeLessThan(300);
    },
  );

  it('is changed by one of many who read the same', async () => {
    const headers = { 'If-Match': await etagOf() };
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        gateway.api.call('stopVm', { params: { id }, query: { async: 'true' }, headers }),
      ),
    );

    expect(replies.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 7 }, () => 412)]);
  });
});

describe('waiting for a status', () => {
  const wait = (query: Record<string, string>) => gateway.api.call('waitForVm', { params: { id }, query });

  it('ends as soon as it is reached', async () => {
    expect(await wait({ status: 'running' })).toMatchObject({ status: 200, body: { status: 'running' } });
    const waiting = wait({ status: 'stopped' });
    await setStatus('stopping');
    await setStatus('stopped');

    expect(await waiting).toMatchObject({ status: 200, body: { id, status: 'stopped' } });
  });

  it('ends with the VM as it is when the time has passed', async () => {
    expect(await wait({ status: 'stopped', timeout: '0' })).toMatchObject({
      status: 202,
      body: { id, status: 'running' },
    });
  });

  it('ends when it can no longer be reached', async () => {
    const failing = wait({ status: 'stopped' });
    await setStatus('error');
    expect(await failing).toMatchObject({
      status: 409,
      body: { code: 'VM_STATE_CONFLICT', detail: expect.stringContaining('no answer') },
    });
  });

  it('names what cannot be waited for', async () => {
    expect(await wait({ status: 'asleep' })).toMatchObject({ status: 422, body: { errors: [{ pointer: 'status' }] } });
    expect(await wait({})).toMatchObject({ status: 422 });
  });
});
