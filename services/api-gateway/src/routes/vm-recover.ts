import { API_ROUTES, toVm } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import type { ChangeVm } from '../vms/change-vm.ts';
import { ifMatch, vmEtag } from '../vms/vm-etag.ts';

/** What the route that recovers VMs works with. */
export interface VmRecoverRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly changeVm: ChangeVm;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

const { params, query, headers, body } = API_ROUTES.recoverVm;

/** The endpoint with which the operator recovers a VM that needs a person. */
export function vmRecoverEndpoints(deps: VmRecoverRoutesDeps): { readonly recoverVm: Endpoint<'recoverVm'> } {
  const { records, identity, changeVm, requestTimeout } = deps;
  return {
    recoverVm: endpoint('recoverVm', z.object({ params, query, headers, body }), async (input, context) => {
      const { id } = input.params;
      const { action } = input.body;
      const plan = planWait(input.query.async, input.headers.prefer, requestTimeout);
      const following = { waitMs: plan.waitMs, gone: context.gone };
      const precondition = ifMatch(input.headers['if-match'], await identity.address());
      const changed = await changeVm(action, id, context.requestId, following, precondition);
      if (!changed.isDone) return accepted(changed.job, plan);
      if (action === 'delete') return { status: 204, headers: applied(plan) };
      const [vm, address] = await Promise.all([records.getVm(id), identity.address()]);
      // Deleted in the moment between.
      if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
      return { status: 200, headers: { ETag: vmEtag(vm, address), ...applied(plan) }, body: toVm(vm, address) };
    }),
  };
}
