import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that a case started. */
export interface Child {
  readonly pid: number;
  /** Its standard output so far, at most the last megabyte. */
  output(): string;
  /** SIGTERM, and SIGKILL to one that does not end in time. */
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 40_000;
const MAX_OUTPUT = 1_000_000;

/** Starts a compiled program of Node.js; what it writes to standard error is shown. */
export function startNode(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  nodeOptions: readonly string[] = [],
): Child {
  const child: ChildProcess = spawn(process.execPath, [...nodeOptions, entry, ...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_OUTPUT);
  });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** How a program ended. */
export interface RunResult {
  readonly ms: number;
  readonly output: string;
}

/** Runs a program to its end; fails when that is not 0. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly input?: string; readonly signal: AbortSignal },
): Promise<RunResult> {
  const began = performance.now();
  const { env, input = '', signal } = options;
  const child = spawn(program, args, { env, signal, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-MAX_OUTPUT);
    });
  }
  // One that ends without reading what it is sent says so by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  await ended;
  if (child.exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${child.exitCode}: ${output}`);
  return { ms: performance.now() - began, output };
}
