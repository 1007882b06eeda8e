import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Job, JobAccepted, OperationId, SealedSecret, Vm, VmAccess } from '@golem-provider/contracts';
import { createSeal, dataDirectory, loadSealKey, sealContext } from '@golem-provider/service-kit';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { failure, type GatewayHarness, REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { PUBLIC_IP: '203.0.113.9', MAX_VMS: 10 });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

async function runningVm(name = 'web'): Promise<JobAccepted> {
  const job = await gateway.accept(name);
  await gateway.finishCreation(job);
  return job;
}

describe('deleting a VM', () => {
  it('answers 204 once it is gone, and 404 from then on', async () => {
    const { vm_id } = await runningVm();
    const reply = gateway.api.call('deleteVm', { params: { id: vm_id } });
    const { id, kind, generation } = await gateway.pendingOperation();
    expect([kind, generation]).toEqual(['delete', 2]);
    expect(await gateway.records.getVm(vm_id)).toMatchObject({ desired: 'deleted', status: 'deleting', generation: 2 });
    await gateway.finishDeletion(id, vm_id);

    expect((await reply).status).toBe(204);
    expect(await gateway.api.problem('deleteVm', { params: { id: vm_id } })).toMatchObject({ code: 'VM_NOT_FOUND' });
    expect(await gateway.api.problem('getVm', { params: { id: vm_id } })).toMatchObject({ code: 'VM_NOT_FOUND' });
    expect(Job.parse((await gateway.api.call('getJob', { params: { job_id: id } })).body).status).toBe('completed');
  });

  it('joins a deletion that is under way', async () => {
    const { vm_id } = await runningVm();
    const call = { params: { id: vm_id }, query: { async: 'true' } };

    const replies = await Promise.all(Array.from({ length: 8 }, () => gateway.api.call('deleteVm', call)));

    const ids = replies.map(({ body }) => JobAccepted.parse(body).job_id);
    expect(replies.map(({ status }) => status)).toEqual(ids.map(() => 202));
    expect(new Set(ids).size).toBe(1);
    expect(await gateway.records.listPendingOperations()).toHaveLength(1);
    expect(await gateway.redis.hget(gateway.jobKey(OperationId.parse(ids[0])), 'name')).toBe('delete');
  });

  it('takes up a deletion that has failed', async () => {
    const { vm_id } = await runningVm();
    const first = gateway.api.problem('deleteVm', { params: { id: vm_id } });
    await gateway.fail(
      (await gateway.pendingOperation()).id,
      vm_id,
      failure('HYPERVISOR_TIMEOUT', 'no end after 60 s'),
    );
    expect(await first).toMatchObject({ status: 502, code: 'HYPERVISOR_TIMEOUT' });

    const again = await gateway.api.call('deleteVm', { params: { id: vm_id }, query: { async: '1' } });
    expect(again.status).toBe(202);
    expect(await gateway.pendingOperation()).toMatchObject({ kind: 'delete', generation: 3 });
  });

  it('is accepted while the VM is being created', async () => {
    const creation = await gateway.accept('web');

    const reply = await gateway.api.call('deleteVm', { params: { id: creation.vm_id }, query: { async: '1' } });

    expect(JobAccepted.parse(reply.body).job_id).not.toBe(creation.job_id);
    expect((await gateway.records.listPendingOperations()).map(({ kind }) => kind)).toEqual(['create', 'delete']);
  });
});

describe('showing VMs', () => {
  it('lists them oldest first, in pages that keep the filters', async () => {
    const jobs: JobAccepted[] = [];
    for (const name of ['one', 'two', 'one', 'one', 'two']) jobs.push(await runningVm(name));
    const list = async (query: Record<string, string>): Promise<{ ids: string[]; link: string | undefined }> => {
      const { body, headers } = await gateway.api.call('listVms', { query });
      return {
        ids: z
          .array(Vm)
          .parse(body)
          .map(({ id }) => id),
        link: headers['link'],
      };
    };
    const ids = (positions: number[]): (string | undefined)[] => positions.map((position) => jobs[position]?.vm_id);

    expect((await list({})).ids).toEqual(ids([0, 1, 2, 3, 4]));
    expect((await list({ status: 'creating' })).ids).toEqual([]);
    expect((await list({ name: 'two', limit: '2' })).link).toBeUndefined();
    const first = await list({ name: 'one', status: 'running', limit: '2' });
    expect(first.ids).toEqual(ids([0, 2]));
    const [, path = ''] = /^<(.*)>; rel="next"$/.exec(first.link ?? '') ?? [];
    expect(path).toContain('name=one&status=running&limit=2&cursor=');
    const second = await gateway.api.get(path);
    expect(
      z
        .array(Vm)
        .parse(second.body)
        .map(({ id }) => id),
    ).toEqual(ids([3]));
    expect(second.headers['link']).toBeUndefined();
  });

  it('shows a VM and its job while it is created', async () => {
    const job = await gateway.accept('web');

    const vm = await gateway.api.call('getVm', { params: { id: job.vm_id } });
    expect(vm.body).toMatchObject({ status: 'creating', ip_address: null, error: null });
    const shown = await gateway.api.call('getJob', { params: { job_id: job.job_id } });
    expect(shown.body).toMatchObject({ vm_id: job.vm_id, operation: 'create', status: 'queued', phase: 'queued' });
    await gateway.finishCreation(job);
    expect((await gateway.api.call('getJob', { params: { job_id: job.job_id } })).body).toMatchObject({
      status: 'ready',
    });
  });
});

describe('access to a VM', () => {
  it('is pending while it is created', async () => {
    const { vm_id } = await gateway.accept('web');

    const reply = await gateway.api.call('getVmAccess', { params: { id: vm_id } });

    expect(reply.status).toBe(202);
    expect(reply.body).toEqual({ vm_id, status: 'creating' });
  });

  it('gives the private key where the provider made the pair', async () => {
    const seal = createSeal(await loadSealKey(dataDirectory(gateway.dataDirectory).sealKey));
    const job = await gateway.accept('web');
    await gateway.finishCreation(job, {
      public_key: REQUESTOR_KEY,
      sealed_private_key: seal.seal('the private key', sealContext(job.vm_id, 'login')),
      host_public_key: REQUESTOR_KEY,
    });

    const reply = await gateway.api.call('getVmAccess', { params: { id: job.vm_id } });

    expect(VmAccess.parse(reply.body)).toEqual({
      vm_id: job.vm_id,
      ssh_host: '203.0.113.9',
      ssh_port: 50_800,
      ssh_user: 'ubuntu',
      ssh_key: { public_key: REQUESTOR_KEY, private_key: 'the private key' },
      ssh_host_key: REQUESTOR_KEY,
    });
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it('has no private key where the requestor sent its own', async () => {
    const job = await gateway.accept('web', { ssh_key: REQUESTOR_KEY });
    await gateway.finishCreation(job);

    const reply = await gateway.api.call('getVmAccess', { params: { id: job.vm_id } });

    expect(VmAccess.parse(reply.body).ssh_key).toEqual({ public_key: REQUESTOR_KEY });
  });

  it('is refused for a VM that does not run', async () => {
    const { vm_id } = await runningVm();
    await gateway.records.update({ vm: { id: vm_id, change: (vm) => ({ ...vm, status: 'stopped' }) } });

    expect(await gateway.api.problem('getVmAccess', { params: { id: vm_id } })).toMatchObject({
      status: 409,
      code: 'VM_STATE_CONFLICT',
      detail: 'The VM is not running, its status is stopped.',
    });
  });

  it('tells nothing of a key that cannot be opened but the log', async () => {
    const job = await gateway.accept('web');
    await gateway.finishCreation(job, {
      public_key: REQUESTOR_KEY,
      sealed_private_key: SealedSecret.parse('v1.AAAA.AAAA.AAAA'),
    });

    const problem = await gateway.api.problem('getVmAccess', { params: { id: job.vm_id } });

    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(problem.detail).toBe('Report it with the request id; the log holds the cause.');
    // Written when the answer is through, which its reader may see first.
    await eventually(() => {
      const line = gateway.logs().find(({ request_id }) => request_id === problem.request_id);
      const err = { chain: expect.stringContaining('sealed') };
      expect(line).toMatchObject({ level: 'error', code: 'INTERNAL', err });
    });
  });
});
