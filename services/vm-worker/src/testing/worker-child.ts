import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultPoint } from '../reconcile/fault-points.ts';

/** A worker as a process of its own. */
export interface WorkerChild {
  readonly pid: number;
  /** Resolves with the signal that ended it, or null when it ended by itself. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

// Compiled, as in production: starting it must not cost more than the worker itself does.
const MAIN = fileURLToPath(new URL('../../dist/testing/crash-worker/main.js', import.meta.url));
/** So short that what a killed worker had begun is taken up again soon. */
const QUEUE = { lockMs: 600, stalledCheckMs: 150 };

function signalOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return once(child, 'exit').then(() => child.signalCode);
}

/** Starts one, which kills itself at the given point. It ends by itself when this process does. */
export function spawnWorker(environment: NodeJS.ProcessEnv, directory: string, killAt?: FaultPoint): WorkerChild {
  const orders = JSON.stringify({ killAt: killAt ?? null, queue: QUEUE });
  const child = spawn(process.execPath, [MAIN, orders], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = signalOf(child);
  return {
    pid: child.pid ?? 0,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
