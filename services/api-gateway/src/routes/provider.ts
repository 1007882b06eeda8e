import { API_ROUTES } from '@golem-provider/contracts';
import type { DrainSwitch, RecordStore, ReportStore, SampleHistory } from '@golem-provider/store';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import type { ProviderIdentity } from '../provider/provider-identity.ts';
import { providerResources, type SellingSettings } from '../provider/provider-resources.ts';

/** What the routes of the provider work with. */
export interface ProviderRoutesDeps {
  readonly settings: SellingSettings;
  readonly records: Pick<RecordStore, 'listReservations' | 'listBusyPorts'>;
  readonly reports: Pick<ReportStore, 'worker' | 'monitor'>;
  readonly history: Pick<SampleHistory, 'list'>;
  readonly identity: ProviderIdentity;
  readonly drain: DrainSwitch;
}

type ProviderRouteName =
  'getProviderInfo' | 'getProviderResources' | 'getProviderHistory' | 'drainProvider' | 'undrainProvider';

/** The endpoints below `/provider`. */
export function providerEndpoints(deps: ProviderRoutesDeps): { readonly [Name in ProviderRouteName]: Endpoint<Name> } {
  const { settings, records, reports, history, identity, drain } = deps;
  return {
    getProviderInfo: endpoint('getProviderInfo', z.object({}), async () => ({
      status: 200,
      body: await identity.info(),
    })),
    getProviderResources: endpoint('getProviderResources', z.object({}), async () => {
      const [worker, monitor, reservations, busyPorts, drained] = await Promise.all([
        reports.worker.read(),
        reports.monitor.read(),
        records.listReservations(),
        records.listBusyPorts(),
        drain.read(),
      ]);
      const isDraining = drained !== undefined;
      const state = { worker, monitor, reservations: [...reservations.values()], busyPorts, isDraining };
      return { status: 200, body: providerResources(state, settings) };
    }),
    getProviderHistory: endpoint(
      'getProviderHistory',
      z.object({ query: API_ROUTES.getProviderHistory.query }),
      async ({ query }) => ({ status: 200, body: { points: await history.list(query.limit) } }),
    ),
    drainProvider: endpoint('drainProvider', z.object({}), async () => {
      const { since } = await drain.set();
      return { status: 200, body: { draining: true, since } };
    }),
    undrainProvider: endpoint('undrainProvider', z.object({}), async () => {
      await drain.clear();
      return { status: 200, body: { draining: false, since: null } };
    }),
  };
}
