import { API_ROUTES, type VmId, type VmRecord } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ChangeKeys } from '../vms/change-keys.ts';
import { addKeyIntent, removeKeyIntent } from '../vms/key-intent.ts';

/** What the routes of a VM's keys work with. */
export interface VmKeyRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly changeKeys: ChangeKeys;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

type KeyRouteName = 'addSshKey' | 'listSshKeys' | 'removeSshKey';

/** The endpoints below `/vms/{id}/ssh-keys`. */
export function vmKeyEndpoints(deps: VmKeyRoutesDeps): { readonly [Name in KeyRouteName]: Endpoint<Name> } {
  const { records, changeKeys, requestTimeout } = deps;
  const contracts = API_ROUTES;

  const mustGet = async (id: VmId): Promise<VmRecord> => {
    const vm = await records.getVm(id);
    if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
    return vm;
  };

  return {
    addSshKey: endpoint(
      'addSshKey',
      z.object({
        params: contracts.addSshKey.params,
        query: contracts.addSshKey.query,
        headers: contracts.addSshKey.headers,
        body: contracts.addSshKey.body,
      }),
      async ({ params: { id }, query, headers, body }, { requestId, gone }) => {
        const plan = planWait(query.async, headers.prefer, requestTimeout);
        const following = { waitMs: plan.waitMs, gone };
        const changed = await changeKeys(id, (vm) => addKeyIntent(vm, body), requestId, following);
        if (!changed.isDone) return accepted(changed.job, plan);
        const key = (await mustGet(id)).ssh_keys.find(({ name }) => name === body.name);
        // It was there, and somebody withdrew it before this request could say so.
        if (key === undefined) throw new AppError('OPERATION_CANCELLED', `adding a key to ${id}: it is gone already`);
        return { status: 201, headers: applied(plan), body: key };
      },
    ),
    listSshKeys: endpoint('listSshKeys', z.object({ params: contracts.listSshKeys.params }), async ({ params }) => ({
      status: 200,
      body: (await mustGet(params.id)).ssh_keys,
    })),
    removeSshKey: endpoint(
      'removeSshKey',
      z.object({
        params: contracts.removeSshKey.params,
        query: contracts.removeSshKey.query,
        headers: contracts.removeSshKey.headers,
      }),
      async ({ params: { id, name }, query, headers }, { requestId, gone }) => {
        const plan = planWait(query.async, headers.prefer, requestTimeout);
        const following = { waitMs: plan.waitMs, gone };
        const changed = await changeKeys(id, (vm) => removeKeyIntent(vm, name), requestId, following);
        return changed.isDone ? { status: 204, headers: applied(plan) } : accepted(changed.job, plan);
      },
    ),
  };
}
