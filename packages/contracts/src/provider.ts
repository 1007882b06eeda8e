import { z } from 'zod';
import { ErrorCode } from './error-codes.ts';
import { AdvertisementState, HistoryPoint, HypervisorInfo, UsagePercent } from './host.ts';
import { Resources } from './resources.ts';

/** The answer of `GET /provider/info`. */
export const ProviderInfo = z
  .object({
    provider_id: z.string(),
    name: z.string(),
    country: z.string(),
    platform: z.string().nullable().describe('x86_64 or arm64; null until the monitor has looked.'),
    public_key: z
      .string()
      .nullable()
      .describe(
        'Ed25519 key (PEM) that signs what this provider advertises; null until the advertiser has reported once.',
      ),
    ip_address: z.string().describe('Address at which requestors reach the host.'),
    version: z.string(),
    hypervisor: HypervisorInfo.nullable().describe('Null until the worker has reported once.'),
    advertisement: AdvertisementState,
  })
  .meta({ id: 'ProviderInfo', description: 'Who rents out this host, and with what.' });
export type ProviderInfo = z.infer<typeof ProviderInfo>;

/** Why no new VM is taken. */
export const RefusalReason = z
  .object({ code: ErrorCode, detail: z.string() })
  .meta({ id: 'RefusalReason', description: 'Why no new VM is taken.' });
export type RefusalReason = z.infer<typeof RefusalReason>;

/** The answer of `GET /provider/resources`. `total` is null, and the others zero, until the monitor has looked. */
export const ProviderResources = z
  .object({
    total: Resources.nullable().describe(
      'What the machine has. total = host_reserve + reserved + available, its cores times cpu_overcommit.',
    ),
    cpu_overcommit: z.number().nullable().describe('How many cores are sold for each one that is there.'),
    host_reserve: Resources.nullable().describe(
      "What is not for VMs: the host's own share and, of storage, files that are not of VMs.",
    ),
    reserved: Resources.describe('What VMs hold. One that is stopped holds its storage at least.'),
    available: Resources.describe('What a new VM could get.'),
    usage_percent: UsagePercent.nullable().describe('Load of the machine.'),
    thresholds: UsagePercent,
    accepting: z.boolean().describe('Whether the smallest VM would be taken now.'),
    reasons: z.array(RefusalReason),
  })
  .meta({ id: 'ProviderResources', description: 'What there is, what is held and what is free.' });
export type ProviderResources = z.infer<typeof ProviderResources>;

/** The answer of `GET /provider/resources/history`. */
export const ProviderHistory = z
  .object({ points: z.array(HistoryPoint).describe('Oldest first.') })
  .meta({ id: 'ProviderHistory', description: 'What the load of the machine was lately.' });
export type ProviderHistory = z.infer<typeof ProviderHistory>;

/** The answer of `GET /health`. */
export const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health', description: 'The process is up.' });
export type Health = z.infer<typeof Health>;

/** One line of `GET /ready`. */
export const ReadinessCheck = z
  .object({
    name: z.string(),
    ok: z.boolean(),
    required: z.boolean().describe('Whether new VMs depend on it; the others are told for information.'),
    detail: z.string(),
  })
  .meta({ id: 'ReadinessCheck', description: 'One thing that should hold.' });
export type ReadinessCheck = z.infer<typeof ReadinessCheck>;

/** The answer of `GET /ready`. */
export const Readiness = z
  .object({ ready: z.boolean(), checks: z.array(ReadinessCheck) })
  .meta({ id: 'Readiness', description: 'Whether new VMs can be made.' });
export type Readiness = z.infer<typeof Readiness>;
