import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MAX_WORDS = 4000;

/** What accompanies a program. */
export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs: number;
}

/** Runs a program and resolves with its standard output; rejects with its last words when it fails. */
export async function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { env = process.env, cwd, input = '', timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const child = spawn(program, args, { env, cwd, signal, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let words = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-MAX_WORDS)));
  // A program may end without reading what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  if (child.exitCode === 0) return output;
  const end = child.exitCode === null ? 'was ended' : `ended with ${child.exitCode}`;
  throw new Error(`${program} ${args.join(' ')} ${end}\n${output.slice(-MAX_WORDS)}${words}`);
}
