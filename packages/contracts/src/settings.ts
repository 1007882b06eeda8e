import { z } from 'zod';
import { CountryCode } from './country.ts';
import { HostId } from './host.ts';
import { ImageName } from './image-name.ts';
import { HostIpv4 } from './public-ip.ts';
import { DEFAULT_SELLING_RULE } from './resources.ts';

/** Prefix of every variable. */
export const SETTINGS_PREFIX = 'GOLEM_PROVIDER_';

const port = z.coerce.number().int().min(1).max(65_535);
const seconds = z.coerce.number().int().min(1).max(86_400);
const percent = z.coerce.number().min(1).max(100);
const reserve = z.coerce.number().int().min(0).max(1_048_576);
const amount = z.coerce.number().int().min(1).max(1_048_576);
const path = z.string().min(1);
const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off']))
  .transform((text) => ['true', '1', 'yes', 'on'].includes(text));

const rate = z.coerce.number().int().min(1).max(1_000_000).optional();

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/** What each variable means, its form and its default. The keys are the variables' names without the prefix. */
const shape = {
  DEBUG: flag.default(false).describe('Log at level debug unless LOG_LEVEL says otherwise.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .optional()
    .describe('How much is logged; info when unset.'),
  HOST: z.string().min(1).default('0.0.0.0').describe('Address on which the API listens.'),
  PORT: port.default(7466).describe('Port on which the API listens.'),
  HOST_ID: HostId.default(HostId.parse('local')).describe(
    'Name of this machine in Redis; only to be set where several hosts share one Redis.',
  ),
  ID: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,128}$/)
    .optional()
    .describe('Id of the provider at the discovery service; generated once and kept when unset.'),
  NAME: z.string().min(1).max(128).default('golem-provider').describe('Name of the provider.'),
  COUNTRY: CountryCode.default(CountryCode.parse('SE')).describe('Country of the provider, ISO 3166-1 alpha-2.'),
  DISCOVERY_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://localhost:7465')
    .describe(
      'The discovery service at which the provider is advertised. Unset, and nothing there: one for development is started.',
    ),
  ADVERTISEMENT_INTERVAL: seconds
    .default(240)
    .describe('Seconds between two renewals of the advertisement, which expires after 300.'),
  PUBLIC_IP: z
    .union([z.literal('auto'), HostIpv4])
    .default('auto')
    .describe('IPv4 address at which requestors reach this host; auto detects it.'),
  MAX_VMS: z.coerce.number().int().min(0).max(10_000).default(10).describe('How many VMs the host takes at most.'),
  DEFAULT_VM_IMAGE: ImageName.optional().describe(
    'Image of a VM whose request names none, such as ubuntu:20.04. Unset: what the hypervisor has ready.',
  ),
  ALLOWED_IMAGES: list.describe('Images beyond the catalogue that requestors may name, separated by commas.'),
  MIN_CPU_CORES: amount.default(1).describe('Cores of the smallest VM.'),
  MIN_MEMORY_GB: amount.default(1).describe('Memory of the smallest VM, GiB.'),
  MIN_STORAGE_GB: amount.default(10).describe('Storage of the smallest VM, GiB.'),
  CPU_THRESHOLD: percent.default(90).describe('CPU load in percent over which no new VM is taken.'),
  MEMORY_THRESHOLD: percent.default(85).describe('Memory use in percent over which no new VM is taken.'),
  STORAGE_THRESHOLD: percent.default(90).describe('Storage use in percent over which no new VM is taken.'),
  THRESHOLD_CLOSE_SAMPLES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe('After how many samples in a row over a threshold no new VM is taken.'),
  THRESHOLD_MARGIN: z.coerce
    .number()
    .min(0)
    .max(50)
    .default(5)
    .describe('How many points under its threshold a value must be before VMs are taken again.'),
  THRESHOLD_OPEN_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(60)
    .describe('Seconds for which a value must stay so far under before VMs are taken again.'),
  SAMPLE_INTERVAL: seconds.default(5).describe('Seconds between two samples of the load.'),
  CPU_WINDOW: seconds.default(30).describe('Seconds over which the CPU load is averaged.'),
  HOST_RESERVE_MEMORY_GB: reserve
    .default(DEFAULT_SELLING_RULE.reserve.memoryGb)
    .describe('Memory that the host keeps for itself, GiB; HOST_RESERVE_PERCENT where that is more.'),
  HOST_RESERVE_STORAGE_GB: reserve
    .default(DEFAULT_SELLING_RULE.reserve.storageGb)
    .describe('Storage that stays free, GiB; HOST_RESERVE_PERCENT where that is more.'),
  HOST_RESERVE_PERCENT: z.coerce
    .number()
    .min(0)
    .max(99)
    .default(DEFAULT_SELLING_RULE.reserve.percent)
    .describe('Share of memory and of storage that the host keeps at least, percent.'),
  CPU_OVERCOMMIT: z.coerce
    .number()
    .min(0.1)
    .max(64)
    .default(DEFAULT_SELLING_RULE.cpuOvercommit)
    .describe('How many cores are sold for each one that is there.'),
  RELEASE_ON_STOP: flag
    .default(false)
    .describe('A VM that is stopped gives its cores and memory back; its start is refused while they are not free.'),
  STORAGE_PATH: path
    .optional()
    .describe(
      'Directory that holds the VMs; found by itself when unset, so only for a Multipass that keeps them elsewhere.',
    ),
  PORT_RANGE_START: port.default(50_800).describe('First ssh port.'),
  PORT_RANGE_END: port.default(50_900).describe('End of the ssh ports, itself not used.'),
  NGINX_DIR: path
    .optional()
    .describe(
      'Directory of an nginx installation to manage, such as /etc/nginx. Unset: a private nginx under DATA_DIR.',
    ),
  NGINX_CONFIG_DIR: path
    .optional()
    .describe('Directory for the file of each VM; by default NGINX_DIR/golem.d, or in DATA_DIR.'),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?|unix):\/\//, 'must begin with redis://, rediss:// or unix://')
    .optional()
    .describe('Redis to use. Unset: a private one under DATA_DIR.'),
  DATA_DIR: path.default('~/.golem/provider').describe('Where VMs, keys and state are kept.'),
  HYPERVISOR: z
    .enum(['auto', 'multipass', 'qemu'])
    .default('auto')
    .describe('auto: Multipass where it is installed, otherwise QEMU.'),
  MULTIPASS_BINARY_PATH: path.optional().describe('The multipass program; looked for in PATH when unset.'),
  GUEST_NETWORK: z
    .enum(['auto', 'isolated'])
    .default('auto')
    .describe('QEMU only. auto: guests reach the public internet where packet rules can be set; isolated: never.'),
  LAUNCH_TIMEOUT: seconds.default(600).describe('Seconds that a VM may take until it answers by ssh.'),
  REQUEST_TIMEOUT: seconds.default(600).describe('Seconds that a request waits before it turns into a job.'),
  WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('How many VMs boot at once; with QEMU never more than there are cores.'),
  AUTH: z
    .enum(['host', 'open', 'token'])
    .default('host')
    .describe(
      'Who manages VMs. host: this machine, and from elsewhere each owner by its token; open: whoever reaches the port, as requestors without tokens need; token: nobody without a token, this machine neither.',
    ),
  API_KEYS: list.describe(
    'Keys, separated by commas, one of which must be sent to create a VM from elsewhere; unset: none is needed.',
  ),
  API_KEYS_FILE: path.optional().describe('File with more such keys, one in a line.'),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be addresses or networks (CIDR)')))
    .describe(
      'Addresses and networks, separated by commas, of proxies whose X-Forwarded-For is believed; what they send is never from the host itself.',
    ),
  RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe('Requests that a client may send in a minute.'),
  RATE_LIMIT_READS_PER_MINUTE: rate.describe('Of these, requests that only read; unset: no limit of their own.'),
  RATE_LIMIT_CHANGES_PER_MINUTE: rate.describe('Of these, requests that change a VM; unset: no limit of their own.'),
  RATE_LIMIT_CREATIONS_PER_MINUTE: rate.describe('Of these, requests that create a VM; unset: no limit of their own.'),
  CORS_ORIGINS: list
    .pipe(
      z.array(
        z.union([z.literal('*'), z.string().refine(isOrigin)], 'must be origins such as https://example.org, or *'),
      ),
    )
    .describe('Origins, separated by commas, whose pages may use the API from browsers, with tokens; unset: none.'),
  MAX_LISTENERS_PER_CLIENT: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Streams of events that a client may have open at once.'),
} as const;

const Variables = z.object(shape).superRefine((variables, context) => {
  if (variables.PORT_RANGE_END <= variables.PORT_RANGE_START) {
    context.addIssue({ code: 'custom', path: ['PORT_RANGE_END'], message: 'must be above PORT_RANGE_START' });
  }
  if (variables.PORT >= variables.PORT_RANGE_START && variables.PORT < variables.PORT_RANGE_END) {
    context.addIssue({ code: 'custom', path: ['PORT'], message: 'must lie outside the ssh port range' });
  }
  if (variables.AUTH === 'open' && (variables.API_KEYS.length > 0 || variables.API_KEYS_FILE !== undefined)) {
    context.addIssue({ code: 'custom', path: ['AUTH'], message: 'must not be open where API keys are set' });
  }
});

/** All settings, by the variables' names without the prefix. */
export type Settings = z.infer<typeof Variables>;

/** One variable for `.env.example` and the docs. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** As it would be written in the environment; undefined where it is unset by default. */
  readonly default: string | undefined;
}

/** The outcome of `parseSettings`: the settings, or one line for each wrong value. */
export type SettingsResult =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: string[] };

/**
 * Reads the settings from variables such as `process.env`. An empty value counts as unset. Unknown variables with our
 * prefix are reported too: a misspelt setting that does nothing is worse than a start that ends.
 */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): SettingsResult {
  const given = Object.entries(environment).filter(
    ([name, value]) => name.startsWith(SETTINGS_PREFIX) && value !== undefined && value.trim() !== '',
  );
  const unknown = given
    .filter(([name]) => !Object.hasOwn(shape, name.slice(SETTINGS_PREFIX.length)))
    .map(([name]) => `${name} is not a setting`);
  const values = Object.fromEntries(given.map(([name, value]) => [name.slice(SETTINGS_PREFIX.length), value?.trim()]));
  const result = Variables.safeParse(values);
  if (result.success && unknown.length === 0) return { ok: true, settings: result.data };
  const invalid = result.success
    ? []
    : result.error.issues.map((issue) => `${SETTINGS_PREFIX}${issue.path.join('.')}: ${issue.message}`);
  return { ok: false, problems: [...invalid, ...unknown] };
}

function defaultText(schema: z.ZodType): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value: unknown = schema.def.defaultValue;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Every setting in the order of the docs. */
export function describeSettings(): SettingDescription[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name: SETTINGS_PREFIX + name,
    description: schema.description ?? '',
    default: defaultText(schema),
  }));
}
