import { API_ROUTES, toVm } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import type { ResizeVm } from '../vms/resize-vm.ts';
import { ifMatch, vmEtag } from '../vms/vm-etag.ts';

/** What the route of a VM's size works with. */
export interface VmSizeRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly resizeVm: ResizeVm;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

/** The endpoint that changes what a VM has. */
export function vmSizeEndpoints(deps: VmSizeRoutesDeps): { readonly resizeVm: Endpoint<'resizeVm'> } {
  const { records, identity, resizeVm, requestTimeout } = deps;
  const { params, query, headers, body } = API_ROUTES.resizeVm;
  return {
    resizeVm: endpoint('resizeVm', z.object({ params, query, headers, body }), async (input, { requestId, gone }) => {
      const { id } = input.params;
      const plan = planWait(input.query.async, input.headers.prefer, requestTimeout);
      const precondition = ifMatch(input.headers['if-match'], await identity.address());
      const following = { waitMs: plan.waitMs, gone };
      const resized = await resizeVm(id, input.body, requestId, following, precondition);
      if (!resized.isDone) return accepted(resized.job, plan);
      const [vm, address] = await Promise.all([records.getVm(id), identity.address()]);
      // Deleted in the moment between.
      if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
      return { status: 200, headers: { ETag: vmEtag(vm, address), ...applied(plan) }, body: toVm(vm, address) };
    }),
  };
}
