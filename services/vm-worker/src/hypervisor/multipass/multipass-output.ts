import { VmId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { z } from 'zod';
import type { CallProgress, PowerState } from '../hypervisor.ts';

const Version = z.object({
  multipass: z.string(),
  /** Missing while the daemon is down or refuses this user. */
  multipassd: z.string().optional(),
  /** Multipass says nothing of the kind; the emulator of the tests does. */
  emulator: z.boolean().optional(),
});
/** The answer of `version --format json`. */
export type MultipassVersion = z.infer<typeof Version>;

const List = z.object({ list: z.array(z.object({ name: z.string(), state: z.string() })) });
const Info = z.object({ info: z.record(z.string(), z.object({ state: z.string(), ipv4: z.array(z.string()) })) });

function parseAnswer<Answer>(schema: z.ZodType<Answer>, stdout: string, doing: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch (cause) {
    throw new AppError('HYPERVISOR_FAILED', `${doing}: the answer is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new AppError('HYPERVISOR_FAILED', `${doing}: the answer has an unknown form`, { cause: result.error });
}

/** Reads `version --format json`. Throws AppError `HYPERVISOR_FAILED` for anything else. */
export function parseVersion(stdout: string): MultipassVersion {
  return parseAnswer(Version, stdout, 'reading the version of Multipass');
}

/** Reads `list --format json`: the state of each instance that is ours by its name. */
export function parseStates(stdout: string): ReadonlyMap<VmId, string> {
  const { list } = parseAnswer(List, stdout, 'reading the list of instances');
  return new Map(
    list.flatMap(({ name, state }) => {
      const id = VmId.safeParse(name);
      return id.success ? [[id.data, state] as const] : [];
    }),
  );
}

/** Reads the state and the first usable address from `info --format json`; null while there is no address. */
export function parseInfo(
  stdout: string,
  id: VmId,
): { readonly state: string | undefined; readonly address: string | null } {
  const { info } = parseAnswer(Info, stdout, `reading what there is about ${id}`);
  const address = info[id]?.ipv4.find((one) => z.ipv4().safeParse(one).success) ?? null;
  return { state: info[id]?.state, address };
}

/** What a state of Multipass means. There is none for an instance that is shutting down. */
export function powerOf(state: string): PowerState {
  switch (state) {
    case 'Running':
    case 'Delayed Shutdown':
      return 'running';
    case 'Starting':
    case 'Restarting':
      return 'starting';
    case 'Stopped':
      return 'stopped';
    case 'Deleted':
      // Somebody moved it to the wastebasket, from which `start` takes it back.
      return 'stopped';
    case 'Suspending':
      return 'stopping';
    case 'Suspended':
      return 'suspended';
    default:
      return 'unknown';
  }
}

/** What a command was refused for, as far as callers act on it. */
export type MultipassFailureKind =
  | 'daemon_down'
  | 'no_access'
  | 'exists'
  | 'being_prepared'
  | 'absent'
  | 'deleted'
  | 'timed_out'
  | 'unknown_state'
  | 'starting'
  | 'suspended'
  | 'image_unknown'
  | 'image_unavailable'
  | 'memory_size'
  | 'disk_size'
  | 'disk_shrinks'
  | 'not_stopped'
  | 'not_running'
  | 'guest_unreachable'
  | 'bad_argument'
  | 'user_data'
  | 'option_unknown'
  | 'disk_full'
  | 'other';

/** What no repetition makes better: the command line, or a value in it, is not one that Multipass takes. */
const BAD_ARGUMENT = new RegExp(
  [
    /Invalid (?:\w+ )?(?:instance|snapshot) name|Invalid network options|Invalid setting '|Unrecognized settings key/,
    /invalid CPU count|--timeout value has to be|Mount source path|Unknown command or alias|Invalid format\b/,
    /Too many arguments|Wrong number of arguments|Need exactly one|Name argument or --all|Cannot specify name/,
    /Unable to query client for confirmation/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const PATTERNS: readonly (readonly [MultipassFailureKind, RegExp])[] = [
  ['daemon_down', /cannot connect to the multipass socket|multipass_root_cert\.pem/],
  ['no_access', /multipass socket access denied|client is not authenticated with the Multipass service/],
  ['being_prepared', /^(?:launch failed: )?instance "[^"]*" is being prepared/m],
  ['exists', /^(?:\w+ failed: )?instance "[^"]*" already exists/m],
  ['absent', /^(?:\w+ failed: )?[Ii]nstance (?:"[^"]*"|'[^']*') does not exist|reason: No such instance/m],
  ['deleted', /^(?:\w+ failed: )?[Ii]nstance (?:"[^"]*"|'[^']*') is deleted|reason: Instance is deleted/m],
  ['timed_out', /timed out waiting for/i],
  ['unknown_state', /in an? unknown state|in unknown state/],
  ['starting', /Cannot shut down instance \S+ while starting/],
  ['suspended', /Cannot shut down suspended instance/],
  ['image_unknown', /Unable to find an image matching|Remote '[^']*' is not found/],
  [
    'image_unavailable',
    /Remote "[^"]*" is unknown or unreachable|failed to download from|Custom image `[^`]*` does not exist/,
  ],
  ['memory_size', /Invalid memory size|is not a valid memory size|Memory less than \S+ minimum/],
  ['disk_size', /Invalid disk size|Requested disk \(\d+ bytes\) below minimum/],
  ['disk_shrinks', /Disk can only be expanded/],
  ['not_stopped', /Instance must be stopped for modification|Multipass can only [a-z ]+ stopped instances/],
  ['not_running', /^(?:\w+ failed: )?instance "[^"]*" is not running/m],
  ['guest_unreachable', /^(?:\w+ failed: )?ssh connection failed/m],
  ['user_data', /Could not load cloud-init configuration|yaml-cpp: error/],
  ['option_unknown', /^Unknown option '/m],
  ['bad_argument', BAD_ARGUMENT],
  ['disk_full', /no space left on device|disk quota exceeded/i],
];

/** Multipass could not log in to the guest, so nothing was asked of that. */
export const GUEST_NOT_REACHED = /ssh connection failed|Cannot retrieve credentials/;

/** Exit code of the client when its own `--timeout` ran out. */
const EXIT_TIMED_OUT = 5;

// Error-level log lines of the daemon, about whatever it is doing, come with every answer. The client's own last words look
// the same but for their category.
const DAEMON_LOG_LINE = /^\[[^\]]*\] \[(?:error|warning|info|debug|trace)\] \[(?!client\])[^\]]*\]/;

/** Standard error without the log lines of the daemon, all else as it is. */
export function withoutDaemonLog(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !DAEMON_LOG_LINE.test(line))
    .join('\n');
}

/** What Multipass has to say about this call. */
export function cleanStderr(stderr: string): string {
  return withoutDaemonLog(stderr).trim();
}

/** Why a command that ended with another code than 0 did so. */
export function classifyFailure(exitCode: number, stderr: string): MultipassFailureKind {
  if (exitCode === EXIT_TIMED_OUT) return 'timed_out';
  const words = cleanStderr(stderr);
  return PATTERNS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'other';
}

const PHASES: readonly (readonly [RegExp, CallProgress['phase']])[] = [
  [/^(?:Retrieving|Verifying|Extracting) (?:\w+ )?image:$/, 'fetching_image'],
  [/^(?:Creating|Preparing image for|Configuring) \S+$|^Preparing image:$/, 'creating'],
  [/^Starting \S+$|^Waiting for initialization to complete$/, 'booting'],
];
const LONGEST_MESSAGE = 512;

/** The texts between carriage returns, backspaces and escape sequences, which are what separates one from the next. */
function messages(text: string): string[] {
  return text.split(/\p{Cc}/u).map((part) => part.replace(/^\[\d*[A-Z]/, ''));
}

/**
 * Reads how far a launch is from the pieces of its standard output, which is meant for a terminal: messages with a spinner,
 * redrawn again and again, and percentages. The returned function takes the next piece, cut anywhere, and gives the
 * progress if that changed.
 */
export function createProgressReader(): (piece: string) => CallProgress | undefined {
  let pending = '';
  let last: CallProgress | undefined;
  return (piece) => {
    const text = pending + piece;
    pending = (/\P{Cc}*$/u.exec(text)?.[0] ?? '').slice(-LONGEST_MESSAGE);
    let changed: CallProgress | undefined;
    for (const part of messages(text)) {
      const percent = /(\d{1,3})%$/.exec(part);
      const message = (percent === null ? part : part.slice(0, percent.index)).trimEnd();
      const phase = PHASES.find(([pattern]) => pattern.test(message))?.[1];
      if (phase === undefined) continue;
      const next = { phase, progress: percent === null ? null : Math.min(100, Number(percent[1])) };
      if (next.phase === last?.phase && next.progress === last.progress) continue;
      last = next;
      changed = next;
    }
    return changed;
  };
}
