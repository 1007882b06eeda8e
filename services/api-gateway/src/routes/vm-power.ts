import { API_ROUTES, type JobAccepted, toVm, type Vm } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint, type RequestContext } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import type { ChangeVm } from '../vms/change-vm.ts';
import { ifMatch, vmEtag } from '../vms/vm-etag.ts';

/** What the routes of a VM's power work with. */
export interface VmPowerRoutesDeps {
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly changeVm: ChangeVm;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

type PowerRouteName = 'startVm' | 'stopVm' | 'restartVm';

// The three routes have the same input by their contract.
const { params, query, headers } = API_ROUTES.startVm;
const PowerInput = z.object({ params, query, headers });
type PowerAnswer =
  | { readonly status: 200; readonly headers: Record<string, string>; readonly body: Vm }
  | ReturnType<typeof accepted<JobAccepted>>;

/** The endpoints that switch a VM on and off. */
export function vmPowerEndpoints(deps: VmPowerRoutesDeps): { readonly [Name in PowerRouteName]: Endpoint<Name> } {
  const { records, identity, changeVm, requestTimeout } = deps;
  const change =
    (kind: 'start' | 'stop' | 'restart') =>
    async (input: z.output<typeof PowerInput>, { requestId, gone }: RequestContext): Promise<PowerAnswer> => {
      const { id } = input.params;
      const plan = planWait(input.query.async, input.headers.prefer, requestTimeout);
      const precondition = ifMatch(input.headers['if-match'], await identity.address());
      const changed = await changeVm(kind, id, requestId, { waitMs: plan.waitMs, gone }, precondition);
      if (!changed.isDone) return accepted(changed.job, plan);
      const [vm, address] = await Promise.all([records.getVm(id), identity.address()]);
      // Deleted in the moment between.
      if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id}`);
      return { status: 200, headers: { ETag: vmEtag(vm, address), ...applied(plan) }, body: toVm(vm, address) };
    };
  return {
    startVm: endpoint('startVm', PowerInput, change('start')),
    stopVm: endpoint('stopVm', PowerInput, change('stop')),
    restartVm: endpoint('restartVm', PowerInput, change('restart')),
  };
}
