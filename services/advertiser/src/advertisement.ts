import {
  capacityOf,
  CountryCode,
  describeBreaches,
  type DrainRecord,
  HostIpv4,
  type HostSample,
  type Reservation,
  type Resources,
  resourcesText,
  type Settings,
  vmCountText,
  type WorkerReport,
} from '@golem-provider/contracts';
import type { ReportState } from '@golem-provider/store';
import { z } from 'zod';
import { addressScope, isLocalService } from './public-address/address-scope.ts';
import type { HostAddress } from './public-address/public-address.ts';

/** The platforms that the discovery service knows. */
const Platform = z.enum(['x86_64', 'arm64']);

/** What requestors are told, as the discovery service takes it. Sizes in GiB. */
export const Advertisement = z.object({
  ip_address: HostIpv4,
  country: CountryCode,
  resources: z.object({ cpu: z.int().min(1), memory: z.int().min(1), storage: z.int().min(1) }),
  platform: Platform.exactOptional(),
});
export type Advertisement = z.infer<typeof Advertisement>;

/** What was read from the records. */
export interface HostState {
  readonly sample: ReportState<HostSample> | undefined;
  readonly worker: ReportState<WorkerReport> | undefined;
  readonly reservations: readonly Reservation[];
  readonly busyPorts: ReadonlySet<number>;
  readonly drain: DrainRecord | undefined;
}

/** What an operator offers, and to whom. */
export interface OfferTerms {
  readonly country: CountryCode;
  /** The smallest VM; less than that is not worth finding. */
  readonly minimum: Resources;
  readonly maxVms: number;
  /** The ssh ports; `end` is not one. */
  readonly portRange: { readonly start: number; readonly end: number };
  /** Whether the discovery service serves this machine or its network only. */
  readonly isDiscoveryLocal: boolean;
}

/** What is to be seen at the discovery service. */
export type Wish =
  /** `note`: what is doubtful about it. */
  | { readonly kind: 'offer'; readonly advertisement: Advertisement; readonly note: string | null }
  | { readonly kind: 'pause'; readonly reason: string }
  /** Not known: what is there stays there. */
  | { readonly kind: 'unsure'; readonly reason: string };

/** The terms that the settings give. */
export function offerTerms(settings: Settings): OfferTerms {
  return {
    country: settings.COUNTRY,
    minimum: {
      cpu_cores: settings.MIN_CPU_CORES,
      memory_gb: settings.MIN_MEMORY_GB,
      storage_gb: settings.MIN_STORAGE_GB,
    },
    maxVms: settings.MAX_VMS,
    portRange: { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END },
    isDiscoveryLocal: isLocalService(settings.DISCOVERY_URL),
  };
}

function isBelow(available: Resources, minimum: Resources): boolean {
  return (
    available.cpu_cores < minimum.cpu_cores ||
    available.memory_gb < minimum.memory_gb ||
    available.storage_gb < minimum.storage_gb
  );
}

function hasFreePort({ reservations, busyPorts }: HostState, { start, end }: OfferTerms['portRange']): boolean {
  const taken = new Set([...reservations.map(({ port }) => port), ...busyPorts]);
  return [...taken].filter((port) => port >= start && port < end).length < end - start;
}

/** The address as it may be advertised, with what is doubtful about it; or why it may not. */
function checkAddress(
  { address, origin }: HostAddress,
  isDiscoveryLocal: boolean,
): { readonly note: string | null } | { readonly refused: string } {
  const scope = addressScope(address);
  if (isDiscoveryLocal || scope === 'public') return { note: null };
  if (origin === 'configured') {
    return {
      note: `The address ${address} (GOLEM_PROVIDER_PUBLIC_IP) is ${scope}: requestors elsewhere cannot reach it.`,
    };
  }
  return {
    refused: `No public address of this host was found, and its own, ${address}, is ${scope}: set GOLEM_PROVIDER_PUBLIC_IP.`,
  };
}

/**
 * What to offer: exactly what a new VM could get, or nothing and why. Asks what admission asks, in its order, so that who
 * finds this host is not refused. `address` is null while it is being looked for.
 */
export function assess(host: HostState, address: HostAddress | null, terms: OfferTerms): Wish {
  const pause = (reason: string): Wish => ({ kind: 'pause', reason });
  const { sample, worker, reservations } = host;
  if (host.drain !== undefined) return pause(`The operator takes no new VMs since ${host.drain.since}.`);
  if (worker?.isFresh !== true) return pause('The worker that makes VMs has not reported lately.');
  if (!worker.report.healthy) return pause(worker.report.reason ?? 'The hypervisor does not answer.');
  if (sample?.isFresh !== true) return pause('The load of the host has not been sampled lately.');
  const { breaches } = sample.report;
  if (breaches.length > 0) return pause(`The host is over a limit: ${describeBreaches(breaches)}.`);
  if (reservations.length >= terms.maxVms) return pause(`The host runs ${vmCountText(terms.maxVms)} at most.`);
  if (!hasFreePort(host, terms.portRange)) return pause('Every ssh port is in use.');
  const { available } = capacityOf(sample.report, reservations);
  if (isBelow(available, terms.minimum)) {
    return pause(
      `Too little is free for the smallest VM (${resourcesText(terms.minimum)}): ${resourcesText(available)}.`,
    );
  }
  if (address === null) return { kind: 'unsure', reason: 'The public address of this host is being looked for.' };
  const checked = checkAddress(address, terms.isDiscoveryLocal);
  if ('refused' in checked) return pause(checked.refused);
  const platform = Platform.safeParse(sample.report.platform);
  const advertisement = Advertisement.parse({
    ip_address: address.address,
    country: terms.country,
    resources: {
      // Whole numbers go out, and never more than there is.
      cpu: Math.floor(available.cpu_cores),
      memory: Math.floor(available.memory_gb),
      storage: Math.floor(available.storage_gb),
    },
    ...(platform.success && { platform: platform.data }),
  });
  return { kind: 'offer', advertisement, note: checked.note };
}

/** For how long records that cannot be read leave things as they are. */
const STORE_PATIENCE_MS = 5000;

/** What to wish for when the records have not been readable for so long: without them nobody could get a VM here. */
export function wishWithoutRecords(unreadableForMs: number): Wish {
  const reason = 'The record store does not answer.';
  return { kind: unreadableForMs < STORE_PATIENCE_MS ? 'unsure' : 'pause', reason };
}
