import { execa } from 'execa';

/** A program whose output is read. */
export interface CapturedProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Runs a program to its end and resolves with its standard output; rejects, with its words, when it does not end with 0. */
export async function captureProgram(options: CapturedProgram): Promise<string> {
  const { program, args, env, cwd, timeoutMs, signal } = options;
  const result = await execa(program, args, {
    env,
    extendEnv: false,
    cwd,
    stdin: 'ignore',
    timeout: timeoutMs,
    cancelSignal: signal,
    maxBuffer: MAX_OUTPUT_BYTES,
    reject: false,
  });
  signal.throwIfAborted();
  if (result.exitCode === 0) return result.stdout;
  const why = result.timedOut
    ? `no end after ${timeoutMs} ms`
    : `ended with ${result.exitCode ?? result.signal ?? result.code}`;
  throw new Error(`${program}: ${why}: ${result.stderr.trim().slice(-1000)}`);
}

/** The same for a program of Node.js. */
export function captureNode({
  entry,
  ...options
}: Omit<CapturedProgram, 'program' | 'args'> & { readonly entry: string }): Promise<string> {
  return captureProgram({ ...options, program: process.execPath, args: [entry] });
}
