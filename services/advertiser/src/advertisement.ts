import {
  type AdvertisementState,
  capacityOf,
  describeBreaches,
  type HostSample,
  type Resources,
  type Settings,
  toTimestamp,
  type VmSpec,
  type WorkerReport,
} from '@golem-provider/contracts';
import type { ReportState } from '@golem-provider/store';
import { z } from 'zod';

/** The platforms that the discovery service knows. */
const Platform = z.enum(['x86_64', 'arm64']);

/** What requestors are told, as the discovery service takes it. Sizes in GiB. */
export const Advertisement = z.object({
  ip_address: z.ipv4(),
  country: z.string().regex(/^[A-Z]{2}$/),
  resources: z.object({ cpu: z.int().min(1), memory: z.int().min(1), storage: z.int().min(1) }),
  platform: Platform.exactOptional(),
});
export type Advertisement = z.infer<typeof Advertisement>;

/** What was read from the records. */
export interface HostState {
  readonly sample: ReportState<HostSample> | undefined;
  readonly worker: ReportState<WorkerReport> | undefined;
  readonly reservations: readonly VmSpec[];
}

/** What an operator offers, and to whom. */
export interface OfferTerms {
  readonly country: string;
  /** The smallest VM; less than that is not worth finding. */
  readonly minimum: Resources;
  readonly maxVms: number;
  readonly portCount: number;
}

/** What is to be seen at the discovery service. */
export type Wish =
  | { readonly kind: 'offer'; readonly advertisement: Advertisement }
  | { readonly kind: 'pause'; readonly reason: string }
  /** Not known: what is there stays there. */
  | { readonly kind: 'unsure' };

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
    portCount: settings.PORT_RANGE_END - settings.PORT_RANGE_START,
  };
}

function isBelow(available: Resources, minimum: Resources): boolean {
  return (
    available.cpu_cores < minimum.cpu_cores ||
    available.memory_gb < minimum.memory_gb ||
    available.storage_gb < minimum.storage_gb
  );
}

function describe({ cpu_cores, memory_gb, storage_gb }: Resources): string {
  return `${cpu_cores} ${cpu_cores === 1 ? 'core' : 'cores'}, ${memory_gb} GiB of memory, ${storage_gb} GiB of storage`;
}

/**
 * What to offer: exactly what a new VM could get, or nothing and why. Asks what admission asks, in its order, so that who
 * finds this host is not refused. `publicIp` is null while it is being looked for.
 */
export function assess(host: HostState, publicIp: string | null, terms: OfferTerms): Wish {
  const pause = (reason: string): Wish => ({ kind: 'pause', reason });
  const { sample, worker, reservations } = host;
  if (worker?.isFresh !== true) return pause('The worker that makes VMs has not reported lately.');
  if (!worker.report.healthy) return pause(worker.report.reason ?? 'The hypervisor does not answer.');
  if (sample?.isFresh !== true) return pause('The load of the host has not been sampled lately.');
  const { breaches } = sample.report;
  if (breaches.length > 0) return pause(`The host is over a limit: ${describeBreaches(breaches)}.`);
  if (reservations.length >= terms.maxVms) return pause(`The host runs ${terms.maxVms} VMs at most.`);
  if (reservations.length >= terms.portCount) return pause('Every ssh port is in use.');
  const { available } = capacityOf(sample.report, reservations);
  if (isBelow(available, terms.minimum)) {
    return pause(`Too little is free for the smallest VM (${describe(terms.minimum)}): ${describe(available)}.`);
  }
  if (publicIp === null) return { kind: 'unsure' };
  const platform = Platform.safeParse(sample.report.platform);
  const advertisement = Advertisement.parse({
    ip_address: publicIp,
    country: terms.country,
    resources: { cpu: available.cpu_cores, memory: available.memory_gb, storage: available.storage_gb },
    ...(platform.success && { platform: platform.data }),
  });
  return { kind: 'offer', advertisement };
}

/** For how long records that cannot be read leave things as they are. */
const STORE_PATIENCE_MS = 20_000;

/** What to wish for when the records have not been readable for so long: without them nobody could get a VM here. */
export function wishWithoutRecords(unreadableForMs: number): Wish {
  return unreadableForMs < STORE_PATIENCE_MS
    ? { kind: 'unsure' }
    : { kind: 'pause', reason: 'The record store does not answer.' };
}

/** What is known of our entry at the discovery service. `unknown`: a call was made and no answer told how it ended. */
export interface Entry {
  readonly published: Advertisement | 'none' | 'unknown';
  readonly lastSuccessMs: number | null;
  /** The calls that failed since one last succeeded. */
  readonly failure: Failure | null;
}

/** See `Entry`. */
export interface Failure {
  readonly reason: string;
  readonly count: number;
  readonly atMs: number;
  /** How long nothing is tried after `atMs`. */
  readonly waitMs: number;
}

/** What to do now. */
export type Step =
  | { readonly kind: 'advertise'; readonly advertisement: Advertisement }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'wait' };

/** The entry of an advertiser that starts: one that died before it may have left an advertisement. */
export const FIRST_ENTRY: Entry = { published: 'unknown', lastSuccessMs: null, failure: null };

/** Also once the clock has been set back: better a call too many than an advertisement that expires. */
function hasPassed(sinceMs: number, forMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= forMs;
}

function isSame(a: Advertisement, b: Advertisement): boolean {
  return (
    a.ip_address === b.ip_address &&
    a.country === b.country &&
    a.platform === b.platform &&
    a.resources.cpu === b.resources.cpu &&
    a.resources.memory === b.resources.memory &&
    a.resources.storage === b.resources.storage
  );
}

/** The next step towards the wish; `wait` when there is none now. */
export function decide(wish: Wish, entry: Entry, nowMs: number, intervalMs: number): Step {
  const { published, lastSuccessMs, failure } = entry;
  const wait: Step = { kind: 'wait' };
  if (failure !== null && !hasPassed(failure.atMs, failure.waitMs, nowMs)) return wait;
  switch (wish.kind) {
    case 'unsure':
      return wait;
    case 'pause':
      return published === 'none' ? wait : { kind: 'withdraw' };
    case 'offer': {
      const isThere = typeof published === 'object' && isSame(published, wish.advertisement);
      const isFresh = lastSuccessMs !== null && !hasPassed(lastSuccessMs, intervalMs, nowMs);
      return isThere && isFresh ? wait : { kind: 'advertise', advertisement: wish.advertisement };
    }
  }
}

/** The entry once a call has succeeded, with what is there now. */
export function afterSuccess(entry: Entry, published: Advertisement | 'none', nowMs: number): Entry {
  return { published, lastSuccessMs: published === 'none' ? entry.lastSuccessMs : nowMs, failure: null };
}

/** The entry once a call has failed; `waitMs` says for how long nothing is tried after so many failures in a row. */
export function afterFailure(entry: Entry, reason: string, nowMs: number, waitMs: (failures: number) => number): Entry {
  const count = (entry.failure?.count ?? 0) + 1;
  return { ...entry, published: 'unknown', failure: { reason, count, atMs: nowMs, waitMs: waitMs(count) } };
}

/** The state as others read it. */
export function advertisementState(wish: Wish, entry: Entry): AdvertisementState {
  const { failure, published, lastSuccessMs } = entry;
  const last_success_at = lastSuccessMs === null ? null : toTimestamp(lastSuccessMs);
  if (wish.kind === 'pause') {
    const reason =
      failure === null ? wish.reason : `${wish.reason} The advertisement may still be seen: ${failure.reason}`;
    return { status: 'paused', last_success_at, reason };
  }
  if (failure !== null) return { status: 'failing', last_success_at, reason: failure.reason };
  return { status: typeof published === 'object' ? 'advertised' : 'pending', last_success_at, reason: null };
}
