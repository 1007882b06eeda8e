import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@golem-provider/testing';
import {
  installEmulator,
  killEmulatedGuests,
  launchEmulatedInstances,
  spawnEmulatorDaemon,
  untilEmulatorListens,
} from '../../../services/vm-worker/emulator/multipass/launcher.js';
import type { BenchContext } from '../bench-case.ts';

/** How the emulated Multipass behaves: see `services/vm-worker/emulator/multipass/shared/settings.js`. */
export type EmulatorSettings = Readonly<Record<string, number | boolean | string>>;

/** An emulated Multipass of a case's own. */
export interface EmulatorBed {
  /** The client. */
  readonly program: string;
  readonly directory: string;
  /** The command lines of all calls of the client so far, in order. */
  calls(): string[][];
  /** Launches instances without the client. */
  launch(names: readonly string[]): Promise<void>;
  /** Ends the daemon, does something in its directory, and starts it again. */
  restart(between: (directory: string) => void): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** An emulated Multipass that does everything at once. */
export const INSTANT: EmulatorSettings = {
  downloadMs: 0,
  prepareMs: 0,
  bootMs: 0,
  cloudInitMs: 0,
  shutdownMs: 0,
  guests: 'listener',
};

interface Call {
  readonly what?: string;
  readonly argv?: string[];
}

/** Starts the daemon, without any instance. */
export async function startEmulator({ environment }: BenchContext, settings: EmulatorSettings): Promise<EmulatorBed> {
  const directory = await temporaryDirectory();
  const { path } = directory;
  const program = installEmulator(path);
  writeFileSync(join(path, 'settings.json'), JSON.stringify(settings));
  const start = async (): Promise<() => Promise<void>> => {
    // Detached, it ends with this process, whatever ends that.
    const daemon = spawnEmulatorDaemon(path, { searchPath: environment['PATH'], isDetached: true });
    const ended = once(daemon, 'exit');
    await untilEmulatorListens(path, AbortSignal.timeout(START_TIMEOUT_MS));
    return async () => {
      daemon.kill('SIGTERM');
      await ended;
    };
  };
  let end = await start();
  return {
    program,
    directory: path,
    calls() {
      const file = join(path, 'calls.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
      return lines.flatMap((line) => {
        const { what, argv }: Call = JSON.parse(line);
        return what === 'began' && argv !== undefined ? [argv] : [];
      });
    },
    launch: (names) => launchEmulatedInstances(path, names, environment),
    async restart(between) {
      await end();
      between(path);
      end = await start();
    },
    async stop() {
      await end();
      killEmulatedGuests(path);
      await directory.dispose();
    },
  };
}
