import { CreationAccepted, type JobAccepted } from '@golem-provider/contracts';
import type { GatewayHarness } from './gateway-harness.ts';

/** Headers of a request that is not the host's own: what a proxy forwards never is. */
export const ELSEWHERE = { 'X-Forwarded-For': '203.0.113.5' };

/** A token of the right form that nobody gave out. */
export const WRONG_TOKEN = 'gpo_00000000-0000-0000-0000-000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Headers of a request from elsewhere with a token. */
export function bearer(token: string): Record<string, string> {
  return { ...ELSEWHERE, Authorization: `Bearer ${token}` };
}

/** A creation and the token that it returned; empty where it returned none. */
export interface Owned extends JobAccepted {
  readonly token: string;
}

/** Creates a VM from elsewhere in the background. */
export async function acceptOwned(
  gateway: Pick<GatewayHarness, 'api'>,
  name: string,
  headers: Readonly<Record<string, string>> = ELSEWHERE,
): Promise<Owned> {
  const reply = await gateway.api.call('createVm', { query: { async: 'true' }, headers, body: { name } });
  const { owner_token, ...job } = CreationAccepted.parse(reply.body);
  return { ...job, token: owner_token ?? '' };
}
