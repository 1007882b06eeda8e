import { execa, type Options } from 'execa';

/** A command line as a value: built without running anything, so that tests can read it. */
export interface CommandSpec {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the program beside `PATH`, `HOME` and the locale. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; empty when left out. Secrets travel here, never in `args`. */
  readonly input?: string;
  /** Where the program runs; the directory of this process when left out. */
  readonly directory?: string;
  /** As whom, where that is somebody else; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly timeoutMs: number;
}

/** How a command ended. Output beyond the bound was cut off. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Called with each piece of standard output as it comes, for commands that tell how far they are. */
export type OutputListener = (text: string) => void;

/** What accompanies a run. */
export interface RunContext {
  readonly signal: AbortSignal;
  readonly onStdout?: OutputListener;
}

/** Why a program gave no exit code. */
export type CommandFailureReason = 'not_started' | 'timed_out' | 'killed';

/** A program gave no exit code. Callers wrap it with the code that this means to them. */
export class CommandFailure extends Error {
  readonly reason: CommandFailureReason;

  constructor(reason: CommandFailureReason, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CommandFailure';
    this.reason = reason;
  }
}

/**
 * Runs programs: no shell, bounded output, a deadline, an abort signal. Resolves with whatever exit code the program gave.
 *
 * @throws the signal's reason when the caller aborted; `CommandFailure` when there is no exit code.
 */
export type CommandRunner = (command: CommandSpec, context: RunContext) => Promise<CommandResult>;

const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const KILL_DELAY_MS = 3000;

/** What a child sees of our environment; everything else, settings and secrets included, stays here. */
function baseEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const passed = ['PATH', 'HOME', 'XDG_DATA_HOME', 'MULTIPASS_SERVER_ADDRESS'].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), LC_ALL: 'C.UTF-8' };
}

/** The runner over execa, the only module that starts programs and waits for them. `environment` is the process's own. */
export function createCommandRunner(environment: NodeJS.ProcessEnv): CommandRunner {
  const env = baseEnvironment(environment);
  return async (command, { signal, onStdout }) => {
    signal.throwIfAborted();
    const options = {
      env: { ...env, ...command.env },
      extendEnv: false,
      input: command.input ?? '',
      ...(command.directory !== undefined && { cwd: command.directory }),
      ...command.user,
      timeout: command.timeoutMs,
      cancelSignal: signal,
      forceKillAfterDelay: KILL_DELAY_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      stripFinalNewline: false,
      encoding: 'utf8',
      reject: false,
    } as const satisfies Options;
    const child = execa(command.program, command.args, options);
    if (onStdout !== undefined) child.stdout.setEncoding('utf8').on('data', onStdout);
    const result = await child;
    if (result.exitCode !== undefined) {
      return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
    }
    signal.throwIfAborted();
    const doing = `running ${command.program} ${command.args[0] ?? ''}`.trim();
    const { cause } = result;
    if (result.timedOut) throw new CommandFailure('timed_out', `${doing}: no end after ${command.timeoutMs} ms`, cause);
    if (result.isTerminated)
      throw new CommandFailure('killed', `${doing}: ended by ${result.signal ?? 'a signal'}`, cause);
    throw new CommandFailure('not_started', `${doing}: could not be started`, cause);
  };
}
