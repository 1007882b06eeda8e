import { API_ROUTES, toVm, type VmId, type VmRecord } from '@golem-provider/contracts';
import { AppError, type Seal } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { pageHeaders } from '../http/page-cursor.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import type { ChangeVm } from '../vms/change-vm.ts';
import type { WaitForVm } from '../vms/wait-for-vm.ts';
import { vmAccess } from '../vms/vm-access.ts';
import { ifMatch, matchesEtag, vmEtag } from '../vms/vm-etag.ts';
import { pageOf } from '../vms/vm-list.ts';

/** What the routes of VMs work with. */
export interface VmRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'listVms'>;
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly seal: Seal;
  readonly changeVm: ChangeVm;
  readonly waitForVm: WaitForVm;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

type VmRouteName = 'listVms' | 'getVm' | 'waitForVm' | 'getVmAccess' | 'deleteVm';

/** The endpoints below `/vms`. */
export function vmEndpoints(deps: VmRoutesDeps): { readonly [Name in VmRouteName]: Endpoint<Name> } {
  const { records, identity, seal, changeVm, waitForVm, requestTimeout } = deps;
  const contracts = API_ROUTES;

  const mustGet = async (id: VmId): Promise<VmRecord> => {
    const vm = await records.getVm(id);
    if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
    return vm;
  };

  return {
    listVms: endpoint('listVms', z.object({ query: contracts.listVms.query }), async ({ query }, { url, caller }) => {
      const [vms, address] = await Promise.all([records.listVms(), identity.address()]);
      const page = pageOf(
        vms.filter(({ owner }) => caller.sees(owner)),
        query,
      );
      return {
        status: 200,
        headers: pageHeaders(url, page.next),
        body: page.vms.map((vm) => toVm(vm, address)),
      };
    }),
    getVm: endpoint(
      'getVm',
      z.object({ params: contracts.getVm.params, headers: contracts.getVm.headers }),
      async ({ params, headers }) => {
        const [vm, address] = await Promise.all([mustGet(params.id), identity.address()]);
        const etag = vmEtag(vm, address);
        // It may be kept, as long as it is asked for each time whether it is still so.
        const shared = { ETag: etag, 'Cache-Control': 'private, no-cache' };
        const known = headers['if-none-match'];
        if (known !== undefined && matchesEtag(known, etag, 'weak')) return { status: 304, headers: shared };
        return { status: 200, headers: shared, body: toVm(vm, address) };
      },
    ),
    waitForVm: endpoint(
      'waitForVm',
      z.object({ params: contracts.waitForVm.params, query: contracts.waitForVm.query }),
      async ({ params, query }, { gone }) => {
        const waitMs = Math.min(query.timeout ?? requestTimeout, requestTimeout) * 1000;
        const { vm, isReached } = await waitForVm(await mustGet(params.id), query.status, { waitMs, gone });
        const body = toVm(vm, await identity.address());
        return isReached ? { status: 200, body } : { status: 202, body };
      },
    ),
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
        const precondition = ifMatch(headers['if-match'], await identity.address());
        const following = { waitMs: plan.waitMs, gone };
        const deleted = await changeVm('delete', params.id, requestId, following, precondition);
        return deleted.isDone ? { status: 204, headers: applied(plan) } : accepted(deleted.job, plan);
      },
    ),
  };
}
