import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobAccepted, VmRecord } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

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

/** A VM of this status, as far as the gateway can tell. */
async function vmThatIs(status: VmRecord['status']): Promise<JobAccepted> {
  const accepted = await gateway.accept('web');
  await gateway.finishCreation(accepted);
  await gateway.records.update({ vm: { id: accepted.vm_id, change: (vm) => ({ ...vm, status }) } });
  return accepted;
}

/** Plays the worker: ends the operation that is under way, leaving this status. */
async function finish(status: VmRecord['status']): Promise<void> {
  const { id, vm_id } = await gateway.pendingOperation();
  await gateway.records.update({
    vm: { id: vm_id, change: (vm) => ({ ...vm, status }) },
    operation: { id, change: (operation) => ({ ...operation, status: 'completed', phase: 'done' }) },
  });
}

describe('POST /vms/{id}/recover', () => {
  it.each([
    ['retry', 'starting'],
    ['adopt', 'error'],
    ['recreate', 'creating'],
  ] as const)('%s is an operation like the others', async (action, meanwhile) => {
    const { vm_id } = await vmThatIs('error');

    const answer = gateway.api.call('recoverVm', { params: { id: vm_id }, body: { action } });
    const operation = await gateway.pendingOperation();
    expect(operation).toMatchObject({ kind: action, vm_id, generation: 2 });
    expect(await gateway.records.getVm(vm_id)).toMatchObject({ status: meanwhile, generation: 2 });
    await finish('running');

    expect(await answer).toMatchObject({ status: 200, body: { id: vm_id, status: 'running' } });
  });

  it('deletes as DELETE does', async () => {
    const { vm_id } = await vmThatIs('error');

    const answer = gateway.api.call('recoverVm', { params: { id: vm_id }, body: { action: 'delete' } });
    expect(await gateway.pendingOperation()).toMatchObject({ kind: 'delete', vm_id });
    await finish('deleting');

    expect(await answer).toMatchObject({ status: 204 });
  });

  it('makes a VM anew whose machine was lost in the midst of a resize, in the size that it had', async () => {
    const { vm_id } = await vmThatIs('error');
    const target = { cpu_cores: 4, memory_gb: 4, storage_gb: 40 };
    const { vm } = await gateway.records.update({
      vm: {
        id: vm_id,
        change: (current) => ({
          ...current,
          desired: 'stopped',
          resize: { target, state: 'wanted' },
          error: { code: 'VM_LOST', message: 'The machine is gone.' },
        }),
      },
      mayGrow: true,
    });
    expect((await gateway.records.listReservations()).get(vm_id)).toMatchObject(target);

    const answer = gateway.api.call('recoverVm', { params: { id: vm_id }, body: { action: 'recreate' } });
    await gateway.pendingOperation();

    expect(await gateway.records.getVm(vm_id)).toMatchObject({ desired: 'running', spec: vm?.spec, resize: null });
    expect((await gateway.records.listReservations()).get(vm_id)).toMatchObject({ ...vm?.spec });
    await finish('running');
    expect(await answer).toMatchObject({ status: 200 });
  });

  it('makes nothing anew that has not failed, and knows no other action', async () => {
    const { vm_id } = await vmThatIs('running');
    const call = { params: { id: vm_id } };

    expect(await gateway.api.problem('recoverVm', { ...call, body: { action: 'recreate' } })).toMatchObject({
      code: 'VM_STATE_CONFLICT',
    });
    expect(await gateway.api.problem('recoverVm', { ...call, body: { action: 'pray' } })).toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(await gateway.records.listPendingOperations()).toEqual([]);
  });

  it('serves nobody but who calls from this machine', async () => {
    const { vm_id } = await vmThatIs('error');

    expect(
      await gateway.api.problem('recoverVm', {
        params: { id: vm_id },
        body: { action: 'recreate' },
        headers: { 'X-Forwarded-For': '198.51.100.7' },
      }),
    ).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await gateway.records.listPendingOperations()).toEqual([]);
  });
});
