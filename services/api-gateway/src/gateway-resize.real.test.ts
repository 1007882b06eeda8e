import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobAccepted, type VmId, VmSpec, type VmSpec as Spec } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createResizing } from '@golem-provider/store';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

const SPEC = { cpu_cores: 2, memory_gb: 4, storage_gb: 20 };

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
  const accepted = await gateway.accept('web', SPEC);
  await gateway.finishCreation(accepted);
  id = accepted.vm_id;
  await gateway.records.update({
    vm: { id, change: (vm) => ({ ...vm, desired: 'stopped', status: 'stopped' }) },
  });
});

const resize = (body: unknown, more = {}) => gateway.api.call('resizeVm', { params: { id }, body, ...more });
async function held(): Promise<Spec> {
  return VmSpec.parse((await gateway.records.listReservations()).get(id));
}

describe('a resize', () => {
  it('is reserved, handed to the worker and shown once the machine has it', async () => {
    const answer = resize({ cpu_cores: 1, memory_gb: 8 });
    const operation = await gateway.pendingOperation();
    expect(operation).toMatchObject({ kind: 'resize', vm_id: id, generation: 2 });
    await gateway.queued(operation.id);
    expect(await held()).toEqual({ cpu_cores: 2, memory_gb: 8, storage_gb: 20 });
    expect(await gateway.api.call('getVm', { params: { id } })).toMatchObject({ body: { ...SPEC, status: 'stopped' } });

    const target = { cpu_cores: 1, memory_gb: 8, storage_gb: 20 };
    await createResizing(gateway.records, systemClock).settle(id, target);
    await gateway.records.update({
      operation: { id: operation.id, change: (current) => ({ ...current, status: 'completed', phase: 'done' }) },
    });

    expect(await answer).toMatchObject({ status: 200, body: { ...target, status: 'stopped', size: null } });
    expect(await held()).toEqual(target);
  });

  it('is done at once where it is so, and joined where it is under way', async () => {
    expect(await resize(SPEC)).toMatchObject({ status: 200, body: SPEC });
    expect(await gateway.records.listPendingOperations()).toEqual([]);

    const [first, second] = await Promise.all(
      [1, 2].map(() => resize({ memory_gb: 8 }, { headers: { Prefer: 'respond-async' } })),
    );

    expect(JobAccepted.parse(second?.body).job_id).toBe(JobAccepted.parse(first?.body).job_id);
    expect(await gateway.records.listPendingOperations()).toHaveLength(1);
    for (const route of ['startVm', 'stopVm', 'restartVm'] as const) {
      expect(await gateway.api.call(route, { params: { id } })).toMatchObject({
        status: route === 'stopVm' ? 200 : 409,
      });
    }
    expect(await resize({ memory_gb: 16 })).toMatchObject({ status: 409, body: { code: 'VM_STATE_CONFLICT' } });
  });

  it('is refused with its reason, and no VM is changed', async () => {
    const before = await gateway.records.getVm(id);

    expect(await resize({ memory_gb: 58 })).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
      body: {
        code: 'RESOURCES_EXHAUSTED',
        detail: expect.stringContaining('54 more GiB of memory were asked for, 53 are free'),
      },
    });
    for (const [body, pointer] of [
      [{ storage_gb: 19 }, '/storage_gb'],
      [{ cpu_cores: 0 }, '/cpu_cores'],
      [{ cpu_cores: 1, size: 'large' }, '/size'],
      [{}, ''],
    ] as const) {
      expect(await resize(body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    }
    expect(await gateway.records.getVm(id)).toEqual(before);
    expect(await held()).toEqual(SPEC);
    expect(await gateway.records.listPendingOperations()).toEqual([]);
    expect(await gateway.api.problem('resizeVm', { params: { id: 'nope' }, body: { cpu_cores: 1 } })).toMatchObject({
      code: 'VM_NOT_FOUND',
    });
  });

  it('needs a VM that is stopped', async () => {
    await gateway.records.update({ vm: { id, change: (vm) => ({ ...vm, desired: 'running', status: 'running' }) } });

    expect(await resize({ memory_gb: 8 })).toMatchObject({
      status: 409,
      body: { code: 'VM_STATE_CONFLICT', detail: expect.stringContaining('running') },
    });
    expect(await held()).toEqual(SPEC);
  });
});
