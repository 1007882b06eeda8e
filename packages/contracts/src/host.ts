import { z } from 'zod';
import { Dimension, Resources } from './resources.ts';
import { Timestamp } from './timestamp.ts';

/** Names the physical machine whose VMs, queue and keys belong together. Part of Redis keys, hence the narrow alphabet. */
export const HostId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1-63 of a-z, 0-9 and inner hyphens')
  .brand<'HostId'>();
export type HostId = z.infer<typeof HostId>;

const percent = z.number().min(0).max(100);

/** Share of each dimension in use, percent. */
export const UsagePercent = z
  .object({ cpu: percent, memory: percent, storage: percent })
  .meta({ id: 'UsagePercent', description: 'Share in use, percent.' });
export type UsagePercent = z.infer<typeof UsagePercent>;

/** A dimension over its threshold. */
export const ThresholdBreach = z
  .object({ dimension: Dimension, value: z.number(), limit: z.number() })
  .meta({ id: 'ThresholdBreach', description: 'A dimension over its threshold, in percent.' });
export type ThresholdBreach = z.infer<typeof ThresholdBreach>;

/** Whose numbers were read: those of the whole machine, or the limits of the container in which VMs run. */
const Scope = z.enum(['machine', 'container']);

/** Where the numbers of a sample come from. */
export const SampleBasis = z.object({
  cpu: Scope,
  memory: Scope,
  /** The directory whose file system was measured. */
  storage_path: z.string(),
  /** `unreadable`: what VMs have written counts as files of others, so that less is sold than could be. */
  vm_files: z.enum(['counted', 'unreadable']),
});
export type SampleBasis = z.infer<typeof SampleBasis>;

/** What the monitor saw. `breaches` is its verdict: not empty means that no new VM may be taken. */
export const HostSample = z.object({
  sampled_at: Timestamp,
  total: Resources,
  cpu_overcommit: z.number().positive().default(1),
  /**
   * What all VMs together may hold: the total less what the host keeps for itself and, of storage, less what is not the
   * VMs' own.
   */
  sellable: Resources,
  usage_percent: UsagePercent,
  thresholds: UsagePercent,
  breaches: z.array(ThresholdBreach),
  hostname: z.string(),
  platform: z.string(),
  basis: SampleBasis.optional(),
});
export type HostSample = z.infer<typeof HostSample>;

/** One point of the history of a host. */
export const HistoryPoint = HostSample.pick({ sampled_at: true, usage_percent: true })
  .extend({ over_limit: z.array(Dimension).describe('The dimensions for which no new VM was taken.') })
  .meta({ id: 'HistoryPoint', description: 'Load of the machine at one moment.' });
export type HistoryPoint = z.infer<typeof HistoryPoint>;

/** For how long the history of a host reaches back: one hour. */
export const HISTORY_MS = 60 * 60 * 1000;

/** How much of the network a guest reaches: the internet without the host and private networks, or nothing. */
export const GuestNetwork = z.enum(['internet', 'isolated']);
export type GuestNetwork = z.infer<typeof GuestNetwork>;

/** What serves the VMs of a host, as the API shows it. */
export const HypervisorInfo = z
  .object({
    name: z.string().describe('Driver that serves the VMs.'),
    version: z.string().nullable().describe('Null while the hypervisor does not answer.'),
    acceleration: z
      .string()
      .nullable()
      .describe('kvm, tcg (software emulation), or null where the hypervisor decides by itself.'),
    guest_network: GuestNetwork.describe(
      'internet: guests reach public addresses only; isolated: guests have no way out.',
    ),
    default_image: z.string(),
    images: z
      .array(z.object({ name: z.string(), aliases: z.array(z.string()), available: z.boolean() }))
      .describe('The catalogue; available: on this host already, others are fetched at first use.'),
  })
  .meta({ id: 'HypervisorInfo', description: 'What serves the VMs.' });
export type HypervisorInfo = z.infer<typeof HypervisorInfo>;

/**
 * How many reservations differed from what the records say, at the last comparison and since the worker started. They were
 * mended. Always zero: anything else is a defect of ours.
 */
export const ReservationDrift = z.object({ last: z.int().min(0), total: z.int().min(0) });
export type ReservationDrift = z.infer<typeof ReservationDrift>;

/** What the worker says of itself every few seconds. `healthy` is false while the hypervisor does not answer. */
export const WorkerReport = z.object({
  reported_at: Timestamp,
  pid: z.int(),
  healthy: z.boolean(),
  reason: z.string().nullable(),
  /** What endangers the records though all works, a sentence each. */
  warnings: z.array(z.string()).default([]),
  hypervisor: HypervisorInfo,
  reservation_drift: ReservationDrift.default({ last: 0, total: 0 }),
});
export type WorkerReport = z.infer<typeof WorkerReport>;

/** State of this provider's entry at the discovery service. */
export const AdvertisementState = z
  .object({
    status: z
      .enum(['advertised', 'paused', 'failing', 'pending'])
      .describe('advertised: seen there as it should be; paused: withdrawn on purpose; pending: not tried yet.'),
    last_success_at: Timestamp.nullable().describe(
      'When the discovery service last took and showed the advertisement.',
    ),
    reason: z
      .string()
      .nullable()
      .describe('Why it is paused or failing, or what is doubtful about what is advertised.'),
  })
  .meta({ id: 'AdvertisementState', description: 'Whether requestors can find this provider.' });
export type AdvertisementState = z.infer<typeof AdvertisementState>;

/** What became of the attempts to advertise, to look and to withdraw since the advertiser started. */
export const DiscoveryCalls = z.object({
  succeeded: z.int().min(0),
  failed: z.int().min(0),
  /** Since one last succeeded. */
  failed_in_a_row: z.int().min(0),
  last_error: z.object({ at: Timestamp, reason: z.string() }).nullable(),
});
export type DiscoveryCalls = z.infer<typeof DiscoveryCalls>;

/**
 * What the advertiser leaves for the others: its state and the public address that it found. What has a default is missing
 * in the reports of earlier versions, which may be the last ones when a newer gateway starts.
 */
export const AdvertiserReport = z.object({
  reported_at: Timestamp,
  provider_id: z.string(),
  /** The key that signs what is advertised: Ed25519, SubjectPublicKeyInfo as PEM. */
  public_key: z.string().nullable().default(null),
  public_ip: z.string().nullable(),
  advertisement: AdvertisementState,
  /** Seconds since `last_success_at` when this was reported, by a clock that nobody sets; null before the first success. */
  age_seconds: z.number().min(0).nullable().default(null),
  calls: DiscoveryCalls.default({ succeeded: 0, failed: 0, failed_in_a_row: 0, last_error: null }),
});
export type AdvertiserReport = z.infer<typeof AdvertiserReport>;
