import { execFile } from 'node:child_process';

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or until the time has passed. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, timeoutMs }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly timeoutMs: number },
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
