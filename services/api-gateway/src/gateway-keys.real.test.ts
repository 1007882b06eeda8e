import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobAccepted, type SshKey, SshPublicKey, type VmId, type VmRecord } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';

const KEY = SshPublicKey.parse(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE me@example.org',
);
const OTHER = SshPublicKey.parse(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJm me@example.org',
);
const ASYNC = { query: { async: 'true' } };

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
  const accepted = await gateway.accept('web');
  await gateway.finishCreation(accepted);
  id = accepted.vm_id;
});

async function keys(): Promise<SshKey[]> {
  return (await gateway.records.getVm(id))?.ssh_keys ?? [];
}
async function set(change: Partial<VmRecord>): Promise<void> {
  await gateway.records.update({ vm: { id, change: (vm) => ({ ...vm, ...change }) } });
}

/** Plays the worker: the guest has got what the record wishes, and every operation on keys has ended. */
async function finish(): Promise<void> {
  await gateway.pendingOperation();
  const settled = (vm: VmRecord): SshKey[] =>
    vm.ssh_keys.filter(({ state }) => state !== 'removing').map((key) => ({ ...key, state: 'active' }));
  for (const operation of await gateway.records.listPendingOperations()) {
    await gateway.records.update({
      vm: { id, change: (vm) => ({ ...vm, ssh_keys: settled(vm) }) },
      operation: { id: operation.id, change: (current) => ({ ...current, status: 'completed', phase: 'done' }) },
    });
  }
}

const add = (name: string, key: string, more = {}) =>
  gateway.api.call('addSshKey', { params: { id }, body: { name, key }, ...more });
const remove = (name: string, more = {}) => gateway.api.call('removeSshKey', { params: { id, name }, ...more });

describe('the keys of a VM', () => {
  it('are wished, brought into the guest and shown, and the same once more is no error', async () => {
    const adding = add('laptop', KEY);
    const operation = await gateway.pendingOperation();
    expect(operation).toMatchObject({ kind: 'update_keys', vm_id: id, generation: 1 });
    await gateway.queued(operation.id);
    expect(await keys()).toEqual([{ name: 'laptop', key: KEY, state: 'adding' }]);
    expect(await gateway.records.getVm(id)).toMatchObject({ status: 'running', generation: 1 });
    await finish();

    const key = { name: 'laptop', key: KEY, state: 'active' };
    expect(await adding).toMatchObject({ status: 201, body: key });
    expect(await add('laptop', `  ${KEY} `)).toMatchObject({ status: 201, body: key });
    expect(await gateway.records.listPendingOperations()).toEqual([]);
    expect(await gateway.api.call('listSshKeys', { params: { id } })).toMatchObject({ status: 200, body: [key] });
  });

  it('are withdrawn', async () => {
    await set({ ssh_keys: [{ name: 'laptop', key: KEY, state: 'active' }] });

    const removing = remove('laptop');
    await gateway.pendingOperation();
    expect(await keys()).toEqual([{ name: 'laptop', key: KEY, state: 'removing' }]);
    await finish();

    expect(await removing).toMatchObject({ status: 204 });
    expect(await remove('laptop')).toMatchObject({ status: 404, body: { code: 'SSH_KEY_NOT_FOUND' } });
    expect(await gateway.api.call('listSshKeys', { params: { id } })).toMatchObject({ status: 200, body: [] });
  });

  it('of two at once are both taken, and neither change overtakes the other', async () => {
    const both = [add('laptop', KEY), add('phone', OTHER)];
    const accepted = await Promise.all([add('laptop', KEY, ASYNC), add('phone', OTHER, ASYNC)]);
    expect(accepted.map(({ status }) => status)).toEqual([202, 202]);
    const operations = await gateway.records.listPendingOperations();
    expect(new Set(operations.map(({ generation }) => generation))).toEqual(new Set([1]));
    await finish();

    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([201, 201]);
    expect((await keys()).map(({ name }) => name).sort()).toEqual(['laptop', 'phone']);
  });

  it('are joined while they are on their way, and begun anew after a failure', async () => {
    const first = JobAccepted.parse((await add('laptop', KEY, ASYNC)).body);
    const second = JobAccepted.parse((await add('laptop', KEY, { headers: { Prefer: 'respond-async' } })).body);
    expect(second.job_id).toBe(first.job_id);
    const error = { code: 'GUEST_UNREACHABLE', message: 'It does not answer.' } as const;
    await gateway.records.update({
      operation: { id: first.job_id, change: (operation) => ({ ...operation, status: 'failed', error }) },
    });

    const third = JobAccepted.parse((await add('laptop', KEY, ASYNC)).body);

    expect(third.job_id).not.toBe(first.job_id);
    expect(await keys()).toEqual([{ name: 'laptop', key: KEY, state: 'adding' }]);
    expect(await gateway.api.call('getJob', { params: { job_id: third.job_id } })).toMatchObject({
      body: { operation: 'update_keys', status: 'queued' },
    });
  });

  it('answer with the failure of the worker', async () => {
    const adding = add('laptop', KEY);
    const { id: job } = await gateway.pendingOperation();
    await gateway.records.update({
      operation: {
        id: job,
        change: (operation) => ({
          ...operation,
          status: 'failed',
          error: { code: 'GUEST_FAILED', message: 'The guest could not do it.' },
        }),
      },
    });

    expect(await adding).toMatchObject({ status: 502, body: { code: 'GUEST_FAILED' } });
  });

  it('are refused with a code for each reason, and nothing is changed', async () => {
    await set({ ssh_keys: [{ name: 'laptop', key: KEY, state: 'active' }] });
    const before = await gateway.records.getVm(id);

    expect(await add('laptop', OTHER)).toMatchObject({ status: 409, body: { code: 'SSH_KEY_NAME_TAKEN' } });
    expect(await add('phone', KEY)).toMatchObject({
      status: 409,
      body: { code: 'SSH_KEY_DUPLICATE', detail: expect.stringContaining('laptop') },
    });
    expect(await add('phone', REQUESTOR_KEY)).toMatchObject({ status: 409, body: { code: 'SSH_KEY_DUPLICATE' } });
    const invalid: [string, string, string][] = [
      ['-oProxyCommand=x', OTHER, '/name'],
      ['../phone', OTHER, '/name'],
      ['phone', `command="id" ${OTHER}`, '/key'],
      ['phone', `${OTHER}\n${OTHER}`, '/key'],
      ['phone', '-----BEGIN OPENSSH PRIVATE KEY-----', '/key'],
    ];
    for (const [name, key, pointer] of invalid) {
      expect(await add(name, key)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    }
    expect(await remove('phone')).toMatchObject({ status: 404, body: { code: 'SSH_KEY_NOT_FOUND' } });
    expect(await gateway.records.getVm(id)).toEqual(before);
    expect(await gateway.records.listPendingOperations()).toEqual([]);

    const params = { id: 'golem-web-20200101-000000', name: 'laptop' };
    for (const route of ['addSshKey', 'listSshKeys', 'removeSshKey'] as const) {
      const body = route === 'addSshKey' ? { body: { name: 'a', key: KEY } } : {};
      expect(await gateway.api.problem(route, { params, ...body })).toMatchObject({ code: 'VM_NOT_FOUND' });
    }
  });

  it('do not change while the VM is not running', async () => {
    await set({ desired: 'stopped', status: 'stopped', ssh_keys: [{ name: 'laptop', key: KEY, state: 'active' }] });

    expect(await add('phone', OTHER)).toMatchObject({ status: 409, body: { code: 'VM_STATE_CONFLICT' } });
    expect(await remove('laptop')).toMatchObject({ status: 409, body: { code: 'VM_STATE_CONFLICT' } });
    expect(await keys()).toEqual([{ name: 'laptop', key: KEY, state: 'active' }]);
  });
});
