import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  API_PREFIX,
  Job,
  JobAccepted,
  Operation,
  OperationJob,
  QUEUE_PREFIX,
  SealedSecret,
  Vm,
  VmAccess,
} from '@golem-provider/contracts';
import { createSeal, dataDirectory, loadSealKey, sealContext } from '@golem-provider/service-kit';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { failure, type GatewayHarness, REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';
import { hostSample, workerReport } from './testing/reports.ts';

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

/** The only operation that has not ended. */
async function pendingOperation(): Promise<Operation> {
  return eventually(async () => {
    const [operation] = await gateway.records.listPendingOperations();
    return Operation.parse(operation);
  });
}

async function pendingCreation(): Promise<JobAccepted> {
  const { id, vm_id } = await pendingOperation();
  return { job_id: id, vm_id, status: 'queued' };
}

async function runningVm(name = 'web'): Promise<JobAccepted> {
  const job = await gateway.accept(name);
  await gateway.finishCreation(job);
  return job;
}

function jobKey(id: string): string {
  return `${QUEUE_PREFIX}:${gateway.names.operationQueue}:${id}`;
}

describe('creating a VM', () => {
  it('answers with the VM as soon as it runs', async () => {
    const reply = gateway.api.call('createVm', { body: { name: 'web', size: 'medium', ssh_key: REQUESTOR_KEY } });
    const job = await pendingCreation();
    await gateway.finishCreation(job);

    const { status, headers, body } = await reply;
    expect(status).toBe(201);
    expect(headers['location']).toBe(`${API_PREFIX}/vms/${job.vm_id}`);
    expect(body).toMatchObject({
      id: job.vm_id,
      status: 'running',
      size: 'medium',
      cpu_cores: 2,
      memory_gb: 4,
      storage_gb: 20,
      resources: { cpu: 2, memory: 4, storage: 20 },
      image: 'debian:12',
      proxy_host: '203.0.113.9',
      proxy_port: 50_800,
      ssh_port: 50_800,
    });
  });

  it('hears of the end by an event, long before it would look again', async () => {
    const reply = gateway.api.call('createVm', { body: { name: 'web' } });
    const job = await pendingCreation();
    const start = performance.now();
    await gateway.finishCreation(job);

    await reply;
    expect(performance.now() - start).toBeLessThan(2500);
  });

  it('takes the numbers as the original requestor sends them, and keeps its stream id', async () => {
    const job = await gateway.accept('web', { resources: { cpu: 2, memory: 3 }, stream_id: 'abc' });

    expect(await gateway.records.getVm(job.vm_id)).toMatchObject({
      spec: { cpu_cores: 2, memory_gb: 3, storage_gb: 10 },
      stream_id: 'abc',
    });
  });

  it.each(['debian', 'ubuntu:24.04', 'noble', '24.04'])('keeps the image %s as it was asked for', async (image) => {
    const job = await gateway.accept('web', { image });

    expect(await gateway.records.getVm(job.vm_id)).toMatchObject({ image });
  });

  it('writes ids alone into the job', async () => {
    const { job_id, vm_id } = await gateway.accept('web', { ssh_key: REQUESTOR_KEY });

    const [name, data] = await gateway.redis.hmget(jobKey(job_id), 'name', 'data');
    expect(name).toBe('create');
    expect(OperationJob.strict().parse(JSON.parse(data ?? ''))).toEqual({ operation_id: job_id, vm_id });
  });

  it.each<[Record<string, string>, Record<string, string>, string | undefined]>([
    [{ async: 'true' }, {}, undefined],
    [{ async: '1' }, {}, undefined],
    [{}, { Prefer: 'respond-async' }, 'respond-async'],
    [{}, { Prefer: 'wait=0' }, 'wait=0'],
  ])('answers 202 at once for %j %j', async (query, headers, applied) => {
    const reply = await gateway.api.call('createVm', { query, headers, body: { name: 'web' } });

    const job = JobAccepted.parse(reply.body);
    expect(reply.status).toBe(202);
    expect(job.status).toBe('queued');
    expect(reply.headers['location']).toBe(`${API_PREFIX}/vms/jobs/${job.job_id}`);
    expect(reply.headers['preference-applied']).toBe(applied);
  });

  it('turns a wait that runs out into a job; the work goes on', async () => {
    const reply = await gateway.api.call('createVm', { headers: { Prefer: 'wait=1' }, body: { name: 'web' } });

    expect(reply.status).toBe(202);
    expect(reply.headers['preference-applied']).toBe('wait=1');
    expect(await pendingOperation()).toMatchObject({ status: 'queued', kind: 'create' });
  });

  it('answers with the code and the words of a creation that failed', async () => {
    const reply = gateway.api.problem('createVm', { body: { name: 'web' } });
    const { job_id, vm_id } = await pendingCreation();
    await gateway.fail(job_id, vm_id, failure('HYPERVISOR_FAILED', 'launch failed: instance did not boot'));

    expect(await reply).toMatchObject({
      status: 502,
      code: 'HYPERVISOR_FAILED',
      detail: 'launch failed: instance did not boot',
    });
  });

  it('answers 409 when a deletion overtook it', async () => {
    const reply = gateway.api.problem('createVm', { body: { name: 'web' } });
    const { job_id } = await pendingCreation();
    await gateway.records.update({
      operation: { id: job_id, change: (operation) => ({ ...operation, status: 'cancelled' }) },
    });

    expect(await reply).toMatchObject({ status: 409, code: 'OPERATION_CANCELLED' });
  });

  it('goes on when the client leaves', async () => {
    const client = httpRequest(`${gateway.baseUrl}${API_PREFIX}/vms`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'leaving-client' },
    });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ name: 'web' }));
    const { id } = await pendingOperation();
    client.destroy();

    await eventually(() =>
      expect(gateway.logs()).toContainEqual(
        expect.objectContaining({ request_id: 'leaving-client', msg: 'request aborted' }),
      ),
    );
    expect(await gateway.records.getOperation(id)).toMatchObject({ status: 'queued' });
  });

  it('stores the id of the request with the operation and gives it back', async () => {
    const reply = await gateway.api.call('createVm', {
      query: { async: '1' },
      headers: { 'X-Request-Id': 'order-66' },
      body: { name: 'web' },
    });

    expect(reply.headers['x-request-id']).toBe('order-66');
    expect(await pendingOperation()).toMatchObject({ request_id: 'order-66' });
  });

  it('accepts exactly as many at once as there are places', async () => {
    const replies = await Promise.all(
      Array.from({ length: 200 }, () =>
        gateway.api.call('createVm', { query: { async: 'true' }, body: { name: 'web' } }),
      ),
    );

    const accepted = replies.filter(({ status }) => status === 202).map(({ body }) => JobAccepted.parse(body));
    const refused = replies.filter(({ status }) => status === 503);
    expect([accepted.length, refused.length]).toEqual([10, 190]);
    expect(refused.every(({ body }) => z.object({ code: z.literal('MAX_VMS_REACHED') }).safeParse(body).success)).toBe(
      true,
    );
    expect(new Set(accepted.map(({ vm_id }) => vm_id)).size).toBe(10);
    expect(new Set(await gateway.redis.hkeys(gateway.names.ports)).size).toBe(10);
    expect(await gateway.records.listPendingOperations()).toHaveLength(10);
  }, 60_000);
});

describe('a host that takes no VM', () => {
  const wish = { body: { name: 'web' }, query: { async: 'true' } };

  it('says that the worker is not there', async () => {
    await gateway.redis.del(gateway.names.reportFresh('worker'));
    expect(await gateway.api.problem('createVm', wish)).toMatchObject({ status: 503, code: 'WORKER_UNAVAILABLE' });
    await gateway.redis.del(gateway.names.report('worker'));
    expect(await gateway.api.problem('createVm', wish)).toMatchObject({ status: 503, code: 'WORKER_UNAVAILABLE' });
  });

  it('says why the hypervisor is not there', async () => {
    await gateway.reports.worker.save({ ...workerReport(), healthy: false, reason: 'no answer for 20 s' }, 60_000);
    expect(await gateway.api.problem('createVm', wish)).toMatchObject({
      code: 'HYPERVISOR_UNAVAILABLE',
      detail: 'no answer for 20 s',
    });
  });

  it('says that its load is not known', async () => {
    await gateway.redis.del(gateway.names.reportFresh('monitor'));
    expect(await gateway.api.problem('createVm', wish)).toMatchObject({ status: 503, code: 'SAMPLES_STALE' });
  });

  it('says over which limit it is', async () => {
    const breaches = [{ dimension: 'cpu' as const, value: 97, limit: 90 }];
    await gateway.reports.monitor.save({ ...hostSample(), breaches }, 60_000);
    expect(await gateway.api.problem('createVm', wish)).toMatchObject({
      status: 503,
      code: 'THRESHOLD_EXCEEDED',
      detail: 'The host is over a limit: cpu at 97 % (limit 90 %).',
    });
  });

  it('says what there is too little of', async () => {
    const problem = await gateway.api.problem('createVm', { ...wish, body: { name: 'web', cpu_cores: 100 } });
    expect(problem).toMatchObject({ status: 503, code: 'RESOURCES_EXHAUSTED' });
    expect(await gateway.redis.exists(gateway.names.reservations)).toBe(0);
  });
});

describe('deleting a VM', () => {
  it('answers 204 once it is gone, and 404 from then on', async () => {
    const { vm_id } = await runningVm();
    const reply = gateway.api.call('deleteVm', { params: { id: vm_id } });
    const { id, kind, generation } = await pendingOperation();
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
    expect(await gateway.redis.hget(jobKey(ids[0] ?? ''), 'name')).toBe('delete');
  });

  it('takes up a deletion that has failed', async () => {
    const { vm_id } = await runningVm();
    const first = gateway.api.problem('deleteVm', { params: { id: vm_id } });
    await gateway.fail((await pendingOperation()).id, vm_id, failure('HYPERVISOR_TIMEOUT', 'no end after 60 s'));
    expect(await first).toMatchObject({ status: 502, code: 'HYPERVISOR_TIMEOUT' });

    const again = await gateway.api.call('deleteVm', { params: { id: vm_id }, query: { async: '1' } });
    expect(again.status).toBe(202);
    expect(await pendingOperation()).toMatchObject({ kind: 'delete', generation: 3 });
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
    const line = gateway.logs().find(({ request_id }) => request_id === problem.request_id);
    expect(line).toMatchObject({ level: 'error', code: 'INTERNAL', err: { chain: expect.stringContaining('sealed') } });
  });
});
