import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  installEmulator,
  killEmulatedGuests,
  spawnEmulatorDaemon,
  untilEmulatorListens,
} from '../../../services/vm-worker/emulator/multipass/launcher.js';
import { processesNaming, untilTrue } from './processes.ts';

/** An emulated Multipass; see `services/vm-worker/emulator/multipass`. */
export interface ChaosEmulator {
  readonly program: string;
  /** Lets a call of its client go wrong; see `shared/faults.js` there. */
  addFault(fault: Readonly<Record<string, string | number>>): void;
  /** How many of these no call has met yet. */
  waitingFaults(): number;
  /** How many calls of its client have begun so far. */
  callCount(): number;
  /** Takes back what has not happened. */
  forgetFaults(): void;
  freeze(): void;
  thaw(): void;
  killDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
  /** Its machines with their states. */
  machines(): Map<string, string>;
  /** The names of the machines that the processes of guests belong to. */
  guests(): string[];
  stop(): Promise<void>;
}

const LISTEN_LIMIT_MS = 60_000;
const DEATH_LIMIT_MS = 30_000;
const SETTINGS = { downloadMs: 0, prepareMs: 30, bootMs: 60, cloudInitMs: 30, shutdownMs: 30, shutdownLimitMs: 3000 };
const State = z.object({
  machines: z.array(z.object({ name: z.string(), state: z.string() })).default([]),
});

/** Makes one under `directory`; its daemon is not started. */
export function createEmulator(directory: string, environment: NodeJS.ProcessEnv): ChaosEmulator {
  mkdirSync(directory, { recursive: true });
  const program = installEmulator(directory);
  const faults = join(directory, 'faults');
  writeFileSync(join(directory, 'settings.json'), JSON.stringify(SETTINGS));
  let faultCount = 0;
  let daemon: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (daemon?.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await exited;
  };
  return {
    program,
    addFault(fault) {
      faultCount += 1;
      const file = join(faults, `${String(faultCount).padStart(6, '0')}.json`);
      writeFileSync(`${file}.new`, JSON.stringify(fault));
      renameSync(`${file}.new`, file);
    },
    waitingFaults: () => readdirSync(faults).filter((name) => name.endsWith('.json')).length,
    callCount() {
      const calls = join(directory, 'calls.jsonl');
      if (!existsSync(calls)) return 0;
      return readFileSync(calls, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"what":"began"')).length;
    },
    forgetFaults() {
      for (const name of readdirSync(faults)) rmSync(join(faults, name), { force: true });
    },
    freeze: () => void daemon?.kill('SIGSTOP'),
    thaw: () => void daemon?.kill('SIGCONT'),
    killDaemon: kill,
    async startDaemon() {
      // Detached, it ends with this process, whatever ends that.
      daemon = spawnEmulatorDaemon(directory, { searchPath: environment['PATH'], isDetached: true });
      await untilEmulatorListens(directory, AbortSignal.timeout(LISTEN_LIMIT_MS));
    },
    machines() {
      const { machines } = State.parse(JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')));
      return new Map(machines.map(({ name, state }) => [name, state]));
    },
    guests() {
      const root = join(directory, 'guests/');
      return processesNaming(root).flatMap(({ line }) => line.split(root)[1]?.split(/[/ ]/)[0] ?? []);
    },
    async stop() {
      daemon?.kill('SIGCONT');
      await kill();
      killEmulatedGuests(directory);
      await untilTrue(() => processesNaming(join(directory, 'guests/')).length === 0, DEATH_LIMIT_MS);
    },
  };
}
