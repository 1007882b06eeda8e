import { randomUUID } from 'node:crypto';
import type { VmId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { GuestCommandOptions, GuestCommandResult } from './hypervisor.ts';

/** The user of every guest. */
export const GUEST_USER = 'ubuntu';
/** Bounds the standard input of a command in a guest: Multipass drops what is beyond 2 MiB without a word. */
export const MAX_GUEST_INPUT_BYTES = 1024 * 1024;
/** Bounds the standard output of a command in a guest. */
export const MAX_GUEST_OUTPUT_BYTES = 1024 * 1024;

const DEFAULT_TIMEOUT_MS = 60_000;
/** For the connection, which takes many seconds where guests are emulated on a busy host, and for the end after the deadline. */
const CONNECTION_MS = 60_000;
const KILL_AFTER_SECONDS = 5;

// One line, as it passes through the quoting of others. The command's standard output goes through `head`, its exit code past
// that on a descriptor of its own; the last line then is the marker with that code. `timeout` ends the command also where
// whoever asked for it has gone.
const WRAPPER =
  `m=$1; t=$2; shift 2; exec 4>&1; ` +
  `c=$({ { timeout -k ${KILL_AFTER_SECONDS} "$t" "$@" 3>&- 4>&-; echo "$?" >&3; } | head -c ${MAX_GUEST_OUTPUT_BYTES} >&4; } 3>&1); ` +
  `printf '\\n%s %s\\n' "$m" "$c"`;

/** A command as it is sent to a guest. */
export interface GuestCall {
  /** Runs the command, then prints a line that no command can know beforehand, with its exit code. */
  readonly command: readonly string[];
  readonly input: string;
  /** For the program that carries it; later than the deadline in the guest. */
  readonly timeoutMs: number;
  /**
   * What standard output says: the command's own, and its exit code. Undefined where the last line is missing, which means that
   * the command did not run to its end: whoever carries it failed, whatever code that gave.
   */
  read(stdout: string): Pick<GuestCommandResult, 'exitCode' | 'stdout'> | undefined;
}

/**
 * Wraps a command so that its end is told from a failure of whoever carries it there, so that it ends in time, and so that its
 * output is bounded.
 *
 * @throws AppError `HYPERVISOR_FAILED` when the input is too long; nothing was run then.
 */
export function guestCall(id: VmId, command: readonly string[], options: GuestCommandOptions): GuestCall {
  const { input = '', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (Buffer.byteLength(input) > MAX_GUEST_INPUT_BYTES) {
    const doing = `running ${command[0] ?? 'nothing'} in ${id}`;
    throw new AppError('HYPERVISOR_FAILED', `${doing}: its input has more than ${MAX_GUEST_INPUT_BYTES} bytes`, {
      retryable: false,
    });
  }
  const marker = randomUUID();
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const lastLine = new RegExp(`^([^]*)\\n${marker} (\\d+)\\n$`);
  return {
    command: ['sh', '-c', WRAPPER, 'sh', marker, seconds, ...command],
    input,
    timeoutMs: timeoutMs + KILL_AFTER_SECONDS * 1000 + CONNECTION_MS,
    read(stdout) {
      const [, own, code] = lastLine.exec(stdout) ?? [];
      return own === undefined || code === undefined ? undefined : { stdout: own, exitCode: Number(code) };
    },
  };
}

/** The words of a command line for a POSIX shell that gives each argument on as it is. Pure. */
export function shellWords(command: readonly string[]): string {
  return command.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`).join(' ');
}

/** The refusal to run a command in a machine that is not running. */
export function notRunning(id: VmId, state: string): AppError {
  return new AppError('HYPERVISOR_FAILED', `running a command in ${id}: it is ${state}`, {
    retryable: false,
    publicDetail: 'The VM is not running.',
  });
}
