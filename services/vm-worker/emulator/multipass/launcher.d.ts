import type { ChildProcess } from 'node:child_process';

/** Makes the directory of an emulated Multipass, and in it the client, a program like `multipass`, whose path it gives. */
export function installEmulator(directory: string): string;

/**
 * Starts the daemon over a directory. Detached, it has a process group of its own, which no terminal sends signals to, and
 * dies when this process does.
 */
export function spawnEmulatorDaemon(
  directory: string,
  options: { readonly searchPath: string | undefined; readonly isDetached: boolean },
): ChildProcess;

/** Whether a daemon takes requests over a directory. */
export function isEmulatorListening(directory: string): Promise<boolean>;

/** Resolves when the daemon takes requests; rejects with the reason of the signal when that aborts. */
export function untilEmulatorListens(directory: string, signal: AbortSignal): Promise<void>;

/** Kills the guests that a daemon has left behind. To be called when it has ended. */
export function killEmulatedGuests(directory: string): void;

/** Launches instances of the smallest size as one client, for tests of many. `environment` is the process's own. */
export function launchEmulatedInstances(
  directory: string,
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void>;
