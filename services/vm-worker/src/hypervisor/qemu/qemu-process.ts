import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { withDeadline } from '@golem-provider/service-kit';
import { type ProcessRef, processRef } from './process-table.ts';
import { QEMU_PROGRAM } from './qemu-command.ts';
import type { ProcessUser } from './qemu-identity.ts';

/** How to start QEMU. */
export interface QemuStart {
  readonly args: readonly string[];
  /** Its working directory. It is entered before the user changes, so the user needs no way to it from the root. */
  readonly directory: string;
  /** Null: the user of this process. */
  readonly user: ProcessUser | null;
  /** Of this process; only the search path is passed on. */
  readonly environment: NodeJS.ProcessEnv;
}

/** How QEMU ended: its exit code, or null when a signal ended it. */
export type ExitCode = number | null;

/** A QEMU that has just been started. */
export interface StartedQemu {
  /** Undefined when it has ended already. */
  readonly ref: ProcessRef | undefined;
  /** Resolves when it ends, as long as this process lives to see it. */
  readonly exited: Promise<ExitCode>;
}

interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<ExitCode>;
}

function launch({ args, directory, user, environment }: QemuStart, detached: boolean, stdio: StdioOptions): Launched {
  const { PATH } = environment;
  const child = spawn(QEMU_PROGRAM, args, {
    cwd: directory,
    env: { LC_ALL: 'C.UTF-8', ...(PATH !== undefined && { PATH }) },
    detached,
    stdio,
    ...user,
  });
  return { child, exited: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
}

/**
 * Starts a machine's QEMU in a session of its own, so that it outlives this process and no signal to this process's group
 * reaches it. What it says goes to `logPath`, emptied first. The one place that starts a program to leave it running.
 *
 * @throws the system's error when it cannot be started.
 */
export async function startQemu(start: QemuStart, logPath: string): Promise<StartedQemu> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW } = constants;
  const log = await open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
  try {
    const { child, exited } = launch(start, true, ['ignore', log.fd, log.fd]);
    await once(child, 'spawn');
    child.unref();
    return { ref: child.pid === undefined ? undefined : await processRef(child.pid), exited };
  } finally {
    await log.close();
  }
}

/**
 * Runs QEMU to its end, silently; one that takes longer is killed and gives null.
 *
 * @throws the signal's reason, or the system's error when it cannot be started.
 */
export async function runQemu(start: QemuStart, timeoutMs: number, signal: AbortSignal): Promise<ExitCode> {
  signal.throwIfAborted();
  const deadline = withDeadline(signal, timeoutMs);
  const { child, exited } = launch(start, false, 'ignore');
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  await once(child, 'spawn');
  if (deadline.aborted) kill();
  else deadline.addEventListener('abort', kill, { once: true });
  try {
    const code = await exited;
    signal.throwIfAborted();
    return deadline.aborted ? null : code;
  } finally {
    deadline.removeEventListener('abort', kill);
  }
}
