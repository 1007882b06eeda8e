import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_PREFIX, JobAccepted, OperationJob } from '@golem-provider/contracts';
import { eventually, hostSample, type RedisServer, startRedisServer, workerReport } from '@golem-provider/testing';
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

async function pendingCreation(): Promise<JobAccepted> {
  const { id, vm_id } = await gateway.pendingOperation();
  return { job_id: id, vm_id, status: 'queued' };
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

    const [name, data] = await gateway.redis.hmget(gateway.jobKey(job_id), 'name', 'data');
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
    expect(await gateway.pendingOperation()).toMatchObject({ status: 'queued', kind: 'create' });
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
    const { id } = await gateway.pendingOperation();
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
    expect(await gateway.pendingOperation()).toMatchObject({ request_id: 'order-66' });
  });

  it.each([
    ['MAX_VMS_REACHED', hostSample()],
    ['RESOURCES_EXHAUSTED', hostSample({ sellable: { cpu_cores: 64, memory_gb: 9, storage_gb: 1000 } })],
  ])(
    'accepts exactly as many at once as there are places, and refuses the others: %s',
    async (code, sample) => {
      await gateway.reports.monitor.save(sample, 600_000);
      const places = code === 'MAX_VMS_REACHED' ? 10 : 9;
      const replies = await Promise.all(
        Array.from({ length: 200 }, () =>
          gateway.api.call('createVm', { query: { async: 'true' }, body: { name: 'web' } }),
        ),
      );

      const accepted = replies.filter(({ status }) => status === 202).map(({ body }) => JobAccepted.parse(body));
      const refused = replies.filter(({ status }) => status === 503);
      expect([accepted.length, refused.length]).toEqual([places, 200 - places]);
      expect(refused.every(({ body }) => z.object({ code: z.literal(code) }).safeParse(body).success)).toBe(true);
      expect(new Set(accepted.map(({ vm_id }) => vm_id)).size).toBe(places);
      expect((await gateway.records.listReservations()).size).toBe(places);
      expect(await gateway.records.listVms()).toHaveLength(places);
      expect(new Set(await gateway.redis.hkeys(gateway.names.ports)).size).toBe(places);
      expect(await gateway.records.listPendingOperations()).toHaveLength(places);
    },
    60_000,
  );
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
