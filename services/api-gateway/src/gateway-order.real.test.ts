import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobAccepted, Vm, type VmId } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
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

const ASYNC = { query: { async: 'true' } } as const;

async function runningVm(): Promise<VmId> {
  const accepted = await gateway.accept('web');
  await gateway.finishCreation(accepted);
  return accepted.vm_id;
}

type Change = 'startVm' | 'stopVm' | 'restartVm' | 'deleteVm';

/** Asks for a change in the background; gives its job. */
async function ask(route: Change, id: VmId): Promise<JobAccepted> {
  const { status, body } = await gateway.api.call(route, { ...ASYNC, params: { id } });
  expect(status).toBe(202);
  return JobAccepted.parse(body);
}

const pending = async (): Promise<string[]> =>
  (await gateway.records.listPendingOperations()).map(({ kind, generation }) => `${kind} ${generation}`);

describe('the names of VMs', () => {
  it.each([['a'.repeat(64)], [`${'a-'.repeat(31)}ab`], ['a1b'], ['123']])('may be %s', async (name) => {
    const { vm_id } = await gateway.accept(name);
    const vm = Vm.parse((await gateway.api.call('getVm', { params: { id: vm_id } })).body);
    expect(vm.name).toBe(name);
    expect(vm.id.length).toBeLessThanOrEqual(63);
    expect(vm.id).toMatch(/^golem-[a-z0-9-]*[a-z0-9]-\d{8}-\d{6}$/);
  });

  it('may be the same many times in one second, and with another ending beyond what an id has room for', async () => {
    const names = ['web', 'web', 'web', `${'a'.repeat(63)}1`, `${'a'.repeat(63)}2`];
    const accepted = await Promise.all(names.map((name) => gateway.accept(name)));
    expect(new Set(accepted.map(({ vm_id }) => vm_id)).size).toBe(names.length);
    const vms = await gateway.records.listVms();
    expect(vms.map((vm) => vm.name).sort()).toEqual([...names].sort());
    expect(new Set(vms.map((vm) => vm.proxy_port)).size).toBe(names.length);
  });
});

describe('changes that come while another one is under way', () => {
  it('are taken in order, each with an intent of its own', async () => {
    const id = await runningVm();
    await ask('stopVm', id);
    await ask('startVm', id);
    expect(await gateway.records.getVm(id)).toMatchObject({ desired: 'running', status: 'starting', generation: 3 });
    await ask('stopVm', id);
    expect(await gateway.records.getVm(id)).toMatchObject({ desired: 'stopped', status: 'stopping', generation: 4 });
    expect(await pending()).toEqual(['stop 2', 'start 3', 'stop 4']);
  });

  it('may be a restart of what is starting, but not of what is to be off', async () => {
    const id = await runningVm();
    await ask('restartVm', id);
    const restart = await ask('restartVm', id);
    expect(await ask('startVm', id)).toEqual(restart);
    await ask('stopVm', id);
    expect(await gateway.api.problem('restartVm', { params: { id } })).toMatchObject({
      status: 409,
      code: 'VM_STATE_CONFLICT',
      detail: expect.stringContaining('start it instead'),
    });
    expect(await pending()).toEqual(['restart 2', 'stop 3']);
  });

  it('may be a deletion during a creation, whose requestor hears of it', async () => {
    const creation = gateway.api.problem('createVm', { body: { name: 'web' } });
    const { id, vm_id } = await gateway.pendingOperation();
    await ask('deleteVm', vm_id);
    expect(await pending()).toEqual(['create 1', 'delete 2']);
    expect(await gateway.records.getVm(vm_id)).toMatchObject({ desired: 'deleted', status: 'deleting' });
    await gateway.records.update({ operation: { id, change: (operation) => ({ ...operation, status: 'cancelled' }) } });
    expect(await creation).toMatchObject({ status: 409, code: 'OPERATION_CANCELLED' });
  });

  it.each(['startVm', 'stopVm', 'restartVm'] as const)(
    '%s of a VM that is being deleted is refused, and so is one of a VM that was deleted',
    async (route) => {
      const id = await runningVm();
      const deletion = await ask('deleteVm', id);
      expect(await gateway.api.problem(route, { params: { id } })).toMatchObject({ status: 409 });
      expect(await pending()).toEqual(['delete 2']);

      await gateway.finishDeletion(deletion.job_id, id);

      expect(await gateway.api.problem(route, { params: { id } })).toMatchObject({ status: 404, code: 'VM_NOT_FOUND' });
      expect(await pending()).toEqual([]);
    },
  );
});

describe('a second deletion', () => {
  it('joins the first, and finds nothing once that has ended', async () => {
    const id = await runningVm();
    const first = await ask('deleteVm', id);
    expect(await ask('deleteVm', id)).toEqual(first);
    await gateway.finishDeletion(first.job_id, id);
    expect(await gateway.api.problem('deleteVm', { params: { id } })).toMatchObject({ status: 404 });
  });

  it('tries again what failed', async () => {
    const id = await runningVm();
    const first = await ask('deleteVm', id);
    await gateway.fail(first.job_id, id, failure('HYPERVISOR_FAILED', 'out of luck'));
    const second = await ask('deleteVm', id);
    expect(second.job_id).not.toBe(first.job_id);
    expect(await pending()).toEqual(['delete 3']);
  });
});

describe('a VM whose machine is lost', () => {
  it('can only be deleted, and says why', async () => {
    const id = await runningVm();
    const error = failure('VM_LOST', 'The machine is gone.');
    await gateway.records.update({ vm: { id, change: (vm) => ({ ...vm, status: 'error', error }) } });
    for (const route of ['startVm', 'stopVm', 'restartVm'] as const) {
      expect(await gateway.api.problem(route, { params: { id } })).toMatchObject({
        status: 409,
        code: 'VM_LOST',
        detail: expect.stringContaining('The machine is gone.'),
      });
    }
    expect(await pending()).toEqual([]);
    await ask('deleteVm', id);
  });
});
