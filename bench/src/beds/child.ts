import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program of Node.js that a case started. */
export interface Child {
  readonly pid: number;
  /** Its standard output so far. */
  output(): string;
  /** SIGTERM, and SIGKILL to one that does not end in time. */
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 40_000;

/** Starts a compiled program; what it writes to standard error is kept for the message of a failure. */
export function startNode(entry: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Child {
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-1_000_000);
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
