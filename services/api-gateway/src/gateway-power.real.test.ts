import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobAccepted, type JobAccepted as Accepted, NO_RESOURCES, type VmRecord } from '@golem-provider/contracts';
import { hostSample, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

const BREACH = { dimension: 'cpu', value: 97, limit: 90 } as const;

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

/** A VM that runs, as far as the gateway can tell. */
async function runningVm(): Promise<Accepted> {
  const accepted = await gateway.accept('web');
  await gateway.finishCreation(accepted);
  return accepted;
}

/** A VM whose stop gave its cores and memory back. */
async function releasedVm(): Promise<Accepted> {
  const accepted = await runningVm();
  await gateway.records.update({
    vm: { id: accepted.vm_id, change: (vm) => ({ ...vm, desired: 'stopped', status: 'stopped', released: true }) },
  });
  return accepted;
}

/** Plays the worker: ends the operation that is under way with this status of the VM. */
async function finish(status: VmRecord['status']): Promise<void> {
  const { id, vm_id } = await gateway.pendingOperation();
  await gateway.records.update({
    vm: { id: vm_id, change: (vm) => ({ ...vm, status }) },
    operation: { id, change: (operation) => ({ ...operation, status: 'completed', phase: 'done' }) },
  });
}

describe('the power of a VM', () => {
  it.each([
    ['stopVm', 'stop', 'stopped', 'stopping', 'stopped'],
    ['restartVm', 'restart', 'running', 'restarting', 'running'],
  ] as const)(
    '%s writes the wish, waits for the worker and shows the VM',
    async (route, kind, desired, meanwhile, status) => {
      const { vm_id } = await runningVm();

      const answer = gateway.api.call(route, { params: { id: vm_id } });
      const operation = await gateway.pendingOperation();
      expect(operation).toMatchObject({ kind, vm_id, generation: 2 });
      expect(await gateway.records.getVm(vm_id)).toMatchObject({ desired, status: meanwhile, generation: 2 });
      await gateway.queued(operation.id);
      await finish(status);

      expect(await answer).toMatchObject({ status: 200, body: { id: vm_id, status } });
    },
  );

  it('starts a VM that was stopped', async () => {
    const { vm_id } = await runningVm();
    const stopping = gateway.api.call('stopVm', { params: { id: vm_id } });
    await finish('stopped');
    await stopping;

    const starting = gateway.api.call('startVm', { params: { id: vm_id } });
    expect(await gateway.pendingOperation()).toMatchObject({ kind: 'start', generation: 3 });
    await finish('running');

    expect(await starting).toMatchObject({ status: 200, body: { status: 'running' } });
  });

  it('does nothing where it is so already, and joins what ends in the same', async () => {
    const { vm_id } = await runningVm();
    expect(await gateway.api.call('startVm', { params: { id: vm_id } })).toMatchObject({ status: 200 });
    expect(await gateway.records.listPendingOperations()).toEqual([]);

    const [first, second] = await Promise.all(
      [1, 2].map(() => gateway.api.call('stopVm', { params: { id: vm_id }, query: { async: 'true' } })),
    );

    expect(JobAccepted.parse(second?.body).job_id).toBe(JobAccepted.parse(first?.body).job_id);
    expect(await gateway.records.listPendingOperations()).toHaveLength(1);
  });

  it.each([
    ['over a limit', () => gateway.reports.monitor.save({ ...hostSample(), breaches: [BREACH] }, 60_000)],
    ['of which no load is known', () => gateway.redis.del(gateway.names.reportFresh('monitor'))],
  ])('is changed on a host %s as on any other; VMs that run go on', async (_, happens) => {
    const [running, other] = [await runningVm(), await runningVm()];
    await happens();
    expect(await gateway.api.problem('createVm', { body: { name: 'web' } })).toMatchObject({ status: 503 });

    for (const [route, status] of [
      ['stopVm', 'stopped'],
      ['startVm', 'running'],
      ['restartVm', 'running'],
    ] as const) {
      const answer = gateway.api.call(route, { params: { id: running.vm_id } });
      await finish(status);
      expect(await answer).toMatchObject({ status: 200, body: { status } });
    }
    const deletion = gateway.api.call('deleteVm', { params: { id: running.vm_id } });
    const { id } = await gateway.pendingOperation();
    await gateway.finishDeletion(id, running.vm_id);
    expect(await deletion).toMatchObject({ status: 204 });
    expect(await gateway.records.getVm(other.vm_id)).toMatchObject({ status: 'running' });
  });

  it('starts a VM that gave its cores and memory back, and makes it hold them', async () => {
    const { vm_id } = await releasedVm();
    const starting = gateway.api.call('startVm', { params: { id: vm_id } });
    expect(await gateway.pendingOperation()).toMatchObject({ kind: 'start' });
    expect((await gateway.records.listReservations()).get(vm_id)).toMatchObject({ cpu_cores: 1, memory_gb: 1 });
    await finish('running');
    expect(await starting).toMatchObject({ status: 200, body: { status: 'running' } });
  });

  it.each<[string, string, string, () => Promise<unknown>]>([
    [
      'its cores are sold',
      'RESOURCES_EXHAUSTED',
      '1 more core was asked for, none is free.',
      () => gateway.reports.monitor.save(hostSample({ sellable: NO_RESOURCES }), 60_000),
    ],
    [
      'the host is over a limit',
      'THRESHOLD_EXCEEDED',
      'cpu at 97 % (limit 90 %)',
      () => gateway.reports.monitor.save({ ...hostSample(), breaches: [BREACH] }, 60_000),
    ],
    [
      'the load is not known',
      'SAMPLES_STALE',
      'not been sampled',
      () => gateway.redis.del(gateway.names.reportFresh('monitor')),
    ],
    [
      'the worker is away',
      'WORKER_UNAVAILABLE',
      'worker',
      () => gateway.redis.del(gateway.names.reportFresh('worker')),
    ],
  ])('does not start such a VM while %s, says why and changes nothing', async (_, code, detail, happens) => {
    const { vm_id } = await releasedVm();
    await happens();
    const look = async (): Promise<unknown> => [
      await gateway.records.listVms(),
      await gateway.records.listReservations(),
      await gateway.records.listPendingOperations(),
    ];
    const before = await look();

    const { headers, body, status } = await gateway.api.call('startVm', { params: { id: vm_id } });

    expect({ status, body }).toMatchObject({ status: 503, body: { code, detail: expect.stringContaining(detail) } });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(await look()).toEqual(before);
  });

  it('refuses what the state of the VM does not allow, and changes nothing', async () => {
    const creating = await gateway.accept('web');
    const before = await gateway.records.getVm(creating.vm_id);

    expect(await gateway.api.call('stopVm', { params: { id: creating.vm_id } })).toMatchObject({
      status: 409,
      body: { code: 'VM_STATE_CONFLICT', detail: expect.stringContaining('still being created') },
    });
    expect(await gateway.records.getVm(creating.vm_id)).toEqual(before);
    expect(await gateway.api.call('startVm', { params: { id: 'golem-web-20200101-000000' } })).toMatchObject({
      status: 404,
      body: { code: 'VM_NOT_FOUND' },
    });
  });
});
