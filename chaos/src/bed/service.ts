import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { isAlive, signal } from './processes.ts';

/** A service that is started again whenever it ends, as a supervisor does. */
export interface Supervised {
  pid(): number;
  /** Whether it waits to be started again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const AGAIN_MS = 100;
const STOP_PATIENCE_MS = 30_000;

/** Starts a compiled program; what it writes goes to a file. It ends by itself when this process does. */
export function supervise(
  argv: readonly string[],
  { env, cwd, log }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly log: string },
): Supervised {
  const output = createWriteStream(log, { flags: 'a' });
  let child: ChildProcess;
  let isStopping = false;
  const start = (): void => {
    // It may have been stopped while it waited to be started again.
    if (isStopping) return;
    const started = spawn(process.execPath, argv, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    started.stdout?.pipe(output, { end: false });
    started.stderr?.pipe(output, { end: false });
    child = started;
    started.once('exit', () => {
      setTimeout(start, AGAIN_MS);
    });
  };
  start();
  const end = async (name: NodeJS.Signals): Promise<void> => {
    const dying = child;
    const pid = dying.pid ?? 0;
    if (dying.exitCode !== null || dying.signalCode !== null || !isAlive(pid)) return;
    const exited = once(dying, 'exit');
    signal(pid, name);
    const limit = setTimeout(() => signal(pid, 'SIGKILL'), STOP_PATIENCE_MS);
    await exited;
    clearTimeout(limit);
  };
  return {
    pid: () => child.pid ?? 0,
    kill: () => end('SIGKILL'),
    async stop() {
      isStopping = true;
      await end('SIGTERM');
      output.end();
    },
  };
}
