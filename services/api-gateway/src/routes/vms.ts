import { API_PREFIX, API_ROUTES, toVm, type VmId, type VmRecord } from '@golem-provider/contracts';
import { AppError, type Seal } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import type { CreateVm } from '../vms/create-vm.ts';
import type { ChangeVm } from '../vms/change-vm.ts';
import { vmAccess } from '../vms/vm-access.ts';
import { nextLink, pageOf } from '../vms/vm-list.ts';

/** What the routes of VMs work with. */
export interface VmRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'listVms'>;
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly seal: Seal;
  readonly createVm: CreateVm;
  readonly changeVm: ChangeVm;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

type VmRouteName = 'createVm' | 'listVms' | 'getVm' | 'getVmAccess' | 'deleteVm';

/** The endpoints below `/vms`. */
export function vmEndpoints(deps: VmRoutesDeps): { readonly [Name in VmRouteName]: Endpoint<Name> } {
  const { records, identity, seal, createVm, changeVm, requestTimeout } = deps;
  const contracts = API_ROUTES;

  const mustGet = async (id: VmId): Promise<VmRecord> => {
    const vm = await records.getVm(id);
    if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
    return vm;
  };

  return {
    createVm: endpoint(
      'createVm',
      z.object({
        query: contracts.createVm.query,
        headers: contracts.createVm.headers,
        body: contracts.createVm.body,
      }),
      async ({ query, headers, body }, { requestId, caller, gone }) => {
        const plan = planWait(query.async, headers.prefer, requestTimeout);
        const created = await createVm(body, { requestId, caller }, { waitMs: plan.waitMs, gone });
        const token = created.ownerToken === undefined ? {} : { owner_token: created.ownerToken };
        if (!created.isDone) return accepted({ ...created.job, ...token }, plan);
        return {
          status: 201,
          headers: { Location: `${API_PREFIX}/vms/${created.vm.id}`, ...applied(plan) },
          body: { ...toVm(created.vm, await identity.address()), ...token },
        };
      },
    ),
    listVms: endpoint('listVms', z.object({ query: contracts.listVms.query }), async ({ query }, { url, caller }) => {
      const [vms, address] = await Promise.all([records.listVms(), identity.address()]);
      const page = pageOf(
        vms.filter(({ owner }) => caller.sees(owner)),
        query,
      );
      return {
        status: 200,
        ...(page.next !== undefined && { headers: { Link: nextLink(url, page.next) } }),
        body: page.vms.map((vm) => toVm(vm, address)),
      };
    }),
    getVm: endpoint('getVm', z.object({ params: contracts.getVm.params }), async ({ params }) => {
      const [vm, address] = await Promise.all([mustGet(params.id), identity.address()]);
      return { status: 200, body: toVm(vm, address) };
    }),
    getVmAccess: endpoint('getVmAccess', z.object({ params: contracts.getVmAccess.params }), async ({ params }) => {
      const [vm, address] = await Promise.all([mustGet(params.id), identity.address()]);
      const answer = vmAccess(vm, address, seal);
      return answer.isReady ? { status: 200, body: answer.access } : { status: 202, body: answer.pending };
    }),
    deleteVm: endpoint(
      'deleteVm',
      z.object({
        params: contracts.deleteVm.params,
        query: contracts.deleteVm.query,
        headers: contracts.deleteVm.headers,
      }),
      async ({ params, query, headers }, { requestId, gone }) => {
        const plan = planWait(query.async, headers.prefer, requestTimeout);
        const deleted = await changeVm('delete', params.id, requestId, { waitMs: plan.waitMs, gone });
        return deleted.isDone ? { status: 204, headers: applied(plan) } : accepted(deleted.job, plan);
      },
    ),
  };
}
