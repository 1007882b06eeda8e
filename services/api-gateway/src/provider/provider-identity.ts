import type { AdvertiserReport, ProviderInfo, Settings } from '@golem-provider/contracts';
import type { ReportStore } from '@golem-provider/store';
import { type NetworkInterfaces, publicAddress } from './public-address.ts';

/** What the provider's description of itself is made of. */
export interface ProviderIdentityDeps {
  readonly settings: Pick<Settings, 'ID' | 'NAME' | 'COUNTRY' | 'PUBLIC_IP'>;
  readonly reports: ReportStore;
  /** The id that was generated for this data directory. */
  readonly generatedId: string;
  readonly version: string;
  readonly networkInterfaces: () => NetworkInterfaces;
}

/** Who this provider is and where it is reached. */
export interface ProviderIdentity {
  /** The address at which requestors reach this host, and its VMs. */
  address(): Promise<string>;
  info(): Promise<ProviderInfo>;
}

/** The identity over the settings and what the other services report. */
export function createProviderIdentity(deps: ProviderIdentityDeps): ProviderIdentity {
  const { settings, reports, generatedId, version, networkInterfaces } = deps;
  const addressBy = (advertiser: AdvertiserReport | undefined): string =>
    publicAddress(settings.PUBLIC_IP, advertiser?.public_ip, networkInterfaces);

  return {
    address: async () =>
      settings.PUBLIC_IP === 'auto' ? addressBy((await reports.advertiser.read())?.report) : settings.PUBLIC_IP,
    async info() {
      const [advertiser, worker, monitor] = await Promise.all([
        reports.advertiser.read(),
        reports.worker.read(),
        reports.monitor.read(),
      ]);
      return {
        provider_id: settings.ID ?? advertiser?.report.provider_id ?? generatedId,
        name: settings.NAME,
        country: settings.COUNTRY,
        platform: monitor?.report.platform ?? null,
        public_key: advertiser?.report.public_key ?? null,
        ip_address: addressBy(advertiser?.report),
        version,
        hypervisor: worker?.report.hypervisor ?? null,
        advertisement: advertiser?.report.advertisement ?? { status: 'pending', last_success_at: null, reason: null },
      };
    },
  };
}
