import { z } from 'zod';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { checkReadiness, type ReadinessDeps } from '../provider/readiness.ts';

/** What is missing may be back at any moment: a start takes seconds. */
const RETRY_AFTER_SECONDS = 5;

type ServiceRouteName = 'getHealth' | 'getReadiness';

/** The endpoints that tell how the service itself is. */
export function serviceEndpoints(deps: ReadinessDeps): { readonly [Name in ServiceRouteName]: Endpoint<Name> } {
  return {
    getHealth: endpoint('getHealth', z.object({}), () => Promise.resolve({ status: 200, body: { status: 'ok' } })),
    getReadiness: endpoint('getReadiness', z.object({}), async () => {
      const readiness = await checkReadiness(deps);
      return readiness.ready
        ? { status: 200, body: readiness }
        : { status: 503, body: readiness, headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } };
    }),
  };
}
