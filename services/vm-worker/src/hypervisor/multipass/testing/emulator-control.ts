import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import { eventually, temporaryDirectory } from '@golem-provider/testing';
import {
  installEmulator,
  launchEmulatedInstances,
  spawnEmulatorDaemon,
  untilEmulatorListens,
} from '../../../../emulator/multipass/launcher.js';
import { findProcesses } from '../../qemu/process-table.ts';
import { type EmulatedCall, parseCalls } from './emulated-calls.ts';

/** How the emulated Multipass behaves; see `emulator/multipass/shared/settings.js`. */
export interface EmulatorSettings {
  readonly lookupMs: number;
  readonly downloadMs: number;
  readonly prepareMs: number;
  readonly bootMs: number;
  readonly resumeMs: number;
  readonly cloudInitMs: number;
  readonly shutdownMs: number;
  readonly shutdownLimitMs: number;
  readonly waitLimitMs: number;
  readonly waitSlackMs: number;
  readonly sshTimeoutMs: number;
  readonly isOnline: boolean;
  readonly isNoisy: boolean;
  readonly isClientTrusted: boolean;
  readonly doGuestsAnswer: boolean;
  readonly doGuestsShutDown: boolean;
  readonly doLoginsWedge: boolean;
  readonly guests: 'sshd' | 'listener';
  readonly doAddressesChange: boolean;
}

/** Something that goes wrong once; see `emulator/multipass/shared/faults.js`. */
export interface EmulatorFault {
  /** The command that it happens to, `*` for any. */
  readonly command: string;
  readonly kind: 'hang' | 'slow' | 'refuse' | 'rubbish' | 'truncate' | 'noise' | 'die' | 'crash' | 'wedge';
  readonly ms?: number;
  readonly exitCode?: number;
  readonly text?: string;
}

/** An emulated Multipass with a state directory of its own. */
export interface MultipassEmulator {
  /** The client: a program like `multipass`. Its user needs to know nothing of the emulator. */
  readonly program: string;
  readonly directory: string;
  /** From now on, the other settings being as they were. */
  configure(settings: Partial<EmulatorSettings>): Promise<void>;
  /** Adds a fault after those that still wait. */
  addFault(fault: EmulatorFault): Promise<void>;
  /** Faults that have not happened yet. */
  pendingFaults(): Promise<number>;
  /** The calls of the client so far, in the order in which they began. */
  calls(): Promise<readonly EmulatedCall[]>;
  /** Resolves when it answers. Instances that ran before resume, or boot again when it had crashed. */
  startDaemon(): Promise<void>;
  /** SIGTERM, as by its service manager. Never resolves while the daemon is frozen. */
  stopDaemon(): Promise<void>;
  /** SIGKILL; its socket stays, and its guests run on. */
  killDaemon(): Promise<void>;
  /** SIGTERM, without waiting for what comes of it. */
  askDaemonToStop(): void;
  /** Whether its process is there. */
  isDaemonAlive(): boolean;
  /** From now on it takes requests and answers none. */
  freezeDaemon(): void;
  thawDaemon(): void;
  /** Stops or continues all processes of a guest. */
  freezeGuest(name: string): Promise<void>;
  thawGuest(name: string): Promise<void>;
  /** Kills a guest as if its hypervisor had crashed. */
  killGuest(name: string): Promise<void>;
  /** Launches many instances without a client for each. */
  launchMany(names: readonly string[]): Promise<void>;
  /** What a guest was given as its user-data. */
  userDataOf(name: string): Promise<string>;
  /** Command lines of the processes of all guests that run, but for those that an sshd has for a connection. */
  guestProcesses(): Promise<readonly string[]>;
  /** Ends the daemon and all guests and removes the directory. */
  dispose(): Promise<void>;
}

const LISTEN_LIMIT_MS = 60_000;
/** How the command line of an sshd that serves a connection ends, also of one that has just been closed, such as a knock. */
const OF_A_CONNECTION = ' -R';
const LISTENER_MARK = ' [listener]';
const LISTENER = / \[listener\] .*$/;

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!isErrorCode(error, 'ESRCH')) throw error;
  }
}

/** Makes an emulated Multipass; its daemon is not started. Guests need root. `environment` is the process's own. */
export async function createMultipassEmulator(environment: NodeJS.ProcessEnv): Promise<MultipassEmulator> {
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const program = installEmulator(directory);
  const faults = join(directory, 'faults');
  let settings: Partial<EmulatorSettings> = {};
  let faultCount = 0;
  let daemon: ChildProcess | undefined;

  /** Renamed into place, as others read it at any moment. */
  const writeWhole = async (file: string, content: unknown): Promise<void> => {
    await writeFile(`${file}.new`, JSON.stringify(content));
    await rename(`${file}.new`, file);
  };
  const isAlive = (): boolean => daemon?.exitCode === null && daemon.signalCode === null;
  const endDaemon = async (signal: NodeJS.Signals): Promise<void> => {
    if (daemon === undefined) return;
    const exited = once(daemon, 'exit');
    if (isAlive()) {
      daemon.kill(signal);
      await exited;
    }
    daemon = undefined;
  };
  const processesOf = async (isMeant: (argument: string) => boolean): Promise<{ pid: number; line: string }[]> =>
    (await findProcesses((argv) => argv.some(isMeant)))
      .map(({ pid, argv }) => ({ pid, line: argv.join(' ') }))
      .filter(({ pid }) => pid !== process.pid);
  const signalGuest = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const path = join(directory, 'guests', name);
    const guest = await processesOf((argument) => argument === path || argument.includes(`${path}/`));
    for (const { pid } of guest) kill(pid, signal);
  };

  return {
    program,
    directory,
    async configure(more) {
      settings = { ...settings, ...more };
      await writeWhole(join(directory, 'settings.json'), settings);
    },
    async addFault(fault) {
      faultCount += 1;
      await writeWhole(join(faults, `${String(faultCount).padStart(4, '0')}.json`), fault);
    },
    pendingFaults: async () => (await readdir(faults)).length,
    async calls() {
      try {
        return parseCalls(await readFile(join(directory, 'calls.jsonl'), 'utf8'));
      } catch (error) {
        if (isErrorCode(error, 'ENOENT')) return [];
        throw error;
      }
    },
    async startDaemon() {
      daemon = spawnEmulatorDaemon(directory, { searchPath: environment['PATH'], isDetached: false });
      await untilEmulatorListens(directory, AbortSignal.timeout(LISTEN_LIMIT_MS));
    },
    stopDaemon: () => endDaemon('SIGTERM'),
    killDaemon: () => endDaemon('SIGKILL'),
    askDaemonToStop: () => void daemon?.kill('SIGTERM'),
    isDaemonAlive: isAlive,
    freezeDaemon: () => void daemon?.kill('SIGSTOP'),
    thawDaemon: () => void daemon?.kill('SIGCONT'),
    freezeGuest: (name) => signalGuest(name, 'SIGSTOP'),
    thawGuest: (name) => signalGuest(name, 'SIGCONT'),
    killGuest: (name) => signalGuest(name, 'SIGKILL'),
    launchMany: (names) => launchEmulatedInstances(directory, names, environment),
    userDataOf: (name) => readFile(join(directory, 'guests', name, 'user-data'), 'utf8'),
    async guestProcesses() {
      const processes = await processesOf((argument) => argument.includes(join(directory, 'guests')));
      const guests = processes.filter(({ line }) => !line.endsWith(OF_A_CONNECTION));
      // An sshd tells in its title how many connections it has.
      const lines = guests.map(({ line }) => line.replace(LISTENER, LISTENER_MARK));
      // Until its child for a connection is another program, there are two of the same title.
      return lines.filter((line, index) => !line.endsWith(LISTENER_MARK) || lines.indexOf(line) === index);
    },
    async dispose() {
      await endDaemon('SIGKILL');
      await eventually(async () => {
        const left = await processesOf((argument) => argument.includes(directory));
        for (const { pid } of left) kill(pid, 'SIGKILL');
        if (left.length > 0) throw new Error(`still running: ${left.map(({ line }) => line).join('\n')}`);
      });
      await temporary.dispose();
    },
  };
}
