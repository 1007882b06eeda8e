import { API_PREFIX, API_ROUTES, toVm } from '@golem-provider/contracts';
import { z } from 'zod';
import type { OwnerTokens } from '../access/owner-tokens.ts';
import { accepted, applied } from '../http/accepted.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { planWait } from '../http/prefer.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import { type CreateVm, newOwnerToken } from '../vms/create-vm.ts';
import { type CreationAnswer, type CreationReplay, idempotencyKeyOf } from '../vms/creation-replay.ts';
import { vmEtag } from '../vms/vm-etag.ts';

/** What the creation route works with. */
export interface VmCreationRouteDeps {
  readonly identity: Pick<ProviderIdentity, 'address'>;
  readonly createVm: CreateVm;
  readonly replay: CreationReplay;
  readonly ownerTokens: OwnerTokens;
  /** How long a request waits at most, in seconds. */
  readonly requestTimeout: number;
}

/** What a creator is answered; the token is no part of what is kept for the next time. */
function withToken(answer: CreationAnswer, token: string | undefined): CreationAnswer {
  if (token === undefined) return answer;
  return answer.status === 201
    ? { ...answer, body: { ...answer.body, owner_token: token } }
    : { ...answer, body: { ...answer.body, owner_token: token } };
}

/** The endpoint that creates VMs. */
export function vmCreationEndpoint(deps: VmCreationRouteDeps): { readonly createVm: Endpoint<'createVm'> } {
  const { identity, createVm, replay, ownerTokens, requestTimeout } = deps;
  const { query, headers, body } = API_ROUTES.createVm;
  return {
    createVm: endpoint('createVm', z.object({ query, headers, body }), async (input, { requestId, caller, gone }) => {
      const plan = planWait(input.query.async, input.headers.prefer, requestTimeout);
      const given = input.headers['idempotency-key'];
      const idempotencyKey = given === undefined ? undefined : idempotencyKeyOf(given, caller, input.body);
      const before = idempotencyKey && (await replay.find(idempotencyKey));
      if (before?.answer !== undefined) {
        return withToken(before.answer, newOwnerToken(caller, before.bound.operationId, ownerTokens));
      }
      const creator = { requestId, caller, idempotencyKey, bound: before?.bound };
      const { ownerToken, ...created } = await createVm(input.body, creator, { waitMs: plan.waitMs, gone });
      let answer: CreationAnswer;
      if (created.isDone) {
        const address = await identity.address();
        const location = `${API_PREFIX}/vms/${created.vm.id}`;
        const etag = vmEtag(created.vm, address);
        answer = {
          status: 201,
          headers: { Location: location, ETag: etag, ...applied(plan) },
          body: toVm(created.vm, address),
        };
      } else {
        answer = accepted(created.job, plan);
      }
      const first = idempotencyKey === undefined ? answer : await replay.keep(idempotencyKey, answer);
      return withToken(first, ownerToken);
    }),
  };
}
