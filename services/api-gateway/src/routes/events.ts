import { API_ROUTES } from '@golem-provider/contracts';
import { z } from 'zod';
import type { EventStreams } from '../events/event-streams.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';

type EventRouteName = 'streamJobEvents' | 'streamEvents';

/** The endpoints that stream events. */
export function eventEndpoints(streams: EventStreams): { readonly [Name in EventRouteName]: Endpoint<Name> } {
  const { streamJobEvents, streamEvents } = API_ROUTES;
  return {
    streamJobEvents: endpoint(
      'streamJobEvents',
      z.object({ params: streamJobEvents.params, headers: streamJobEvents.headers }),
      async ({ params, headers }, { caller: { client } }) => {
        const stream = await streams.job({ client, lastEventId: headers['last-event-id'] }, params.job_id);
        return stream === undefined ? { status: 204 } : { status: 200, stream };
      },
    ),
    streamEvents: endpoint(
      'streamEvents',
      z.object({ headers: streamEvents.headers }),
      async ({ headers }, { caller }) => ({
        status: 200,
        stream: await streams.all({ client: caller.client, lastEventId: headers['last-event-id'] }, ({ owner }) =>
          caller.sees(owner),
        ),
      }),
    ),
  };
}
