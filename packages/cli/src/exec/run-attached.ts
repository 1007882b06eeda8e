import { execa } from 'execa';

/** A program of Node.js that writes to our own output. */
export interface AttachedProgram {
  readonly entry: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Asks it to end. */
  readonly signal: AbortSignal;
}

const KILL_DELAY_MS = 35_000;

/** Runs a program to its end and resolves with its exit code; 1 when it was ended by a signal or by its deadline. */
export async function runAttached({ entry, args, env, cwd, timeoutMs, signal }: AttachedProgram): Promise<number> {
  const { exitCode } = await execa(process.execPath, [entry, ...args], {
    env,
    extendEnv: false,
    cwd,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    timeout: timeoutMs,
    cancelSignal: signal,
    forceKillAfterDelay: KILL_DELAY_MS,
    reject: false,
  });
  return exitCode ?? 1;
}

/** What shells report for a program that is not there. */
const EXIT_NOT_FOUND = 127;

/** Runs a program that talks with the person at the terminal until it ends by itself; resolves with its exit code. */
export async function runTerminalProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { exitCode, failed, code } = await execa(program, args, {
    env,
    extendEnv: false,
    stdio: 'inherit',
    reject: false,
  });
  if (failed && code === 'ENOENT') return EXIT_NOT_FOUND;
  return exitCode ?? 1;
}
