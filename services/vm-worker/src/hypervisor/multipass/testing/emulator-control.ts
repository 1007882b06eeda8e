import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isErrorCode } from '@golem-provider/service-kit';
import { eventually, temporaryDirectory } from '@golem-provider/testing';
import { findProcesses } from '../../qemu/process-table.ts';

/** How the emulated Multipass behaves; see `emulator/multipass/shared/settings.js`. */
export interface EmulatorSettings {
  readonly downloadMs: number;
  readonly prepareMs: number;
  readonly bootMs: number;
  readonly cloudInitMs: number;
  readonly shutdownMs: number;
  readonly shutdownLimitMs: number;
  readonly waitLimitMs: number;
  readonly isOnline: boolean;
  readonly isNoisy: boolean;
  readonly isClientTrusted: boolean;
  readonly doGuestsAnswer: boolean;
  readonly doGuestsShutDown: boolean;
  readonly doAddressesChange: boolean;
}

/** Something that goes wrong once; see `emulator/multipass/shared/faults.js`. */
export interface EmulatorFault {
  /** The command that it happens to, `*` for any. */
  readonly command: string;
  readonly kind: 'hang' | 'slow' | 'refuse' | 'rubbish' | 'truncate' | 'noise' | 'die' | 'crash';
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
  /** Resolves when it answers. Instances that ran before boot again. */
  startDaemon(): Promise<void>;
  /** SIGTERM, as by its service manager. */
  stopDaemon(): Promise<void>;
  /** SIGKILL; its socket stays, and its guests run on. */
  killDaemon(): Promise<void>;
  /** From now on it takes requests and answers none. */
  freezeDaemon(): void;
  thawDaemon(): void;
  /** Stops or continues all processes of a guest. */
  freezeGuest(name: string): Promise<void>;
  thawGuest(name: string): Promise<void>;
  /** Kills a guest as if its hypervisor had crashed. */
  killGuest(name: string): Promise<void>;
  /** Command lines of the processes of all guests that run. */
  guestProcesses(): Promise<readonly string[]>;
  /** Ends the daemon and all guests and removes the directory. */
  dispose(): Promise<void>;
}

const SOURCE = fileURLToPath(new URL('../../../../emulator/multipass/', import.meta.url));

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!isErrorCode(error, 'ESRCH')) throw error;
  }
}

async function untilListening(socketPath: string): Promise<void> {
  await eventually(async () => {
    const socket = connect(socketPath);
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  });
}

/** Makes an emulated Multipass; its daemon is not started. Guests need root. `environment` is the process's own. */
export async function createMultipassEmulator(environment: NodeJS.ProcessEnv): Promise<MultipassEmulator> {
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const program = join(directory, 'multipass');
  const faults = join(directory, 'faults');
  await mkdir(faults);
  const client = [process.execPath, join(SOURCE, 'multipass.js')].map(shellQuoted).join(' ');
  await writeFile(program, `#!/bin/sh\nMULTIPASS_EMULATOR_DIR=${shellQuoted(directory)} exec ${client} "$@"\n`);
  await chmod(program, 0o755);
  let settings: Partial<EmulatorSettings> = {};
  let faultCount = 0;
  let daemon: ChildProcess | undefined;

  /** Renamed into place, as others read it at any moment. */
  const writeWhole = async (file: string, content: unknown): Promise<void> => {
    await writeFile(`${file}.new`, JSON.stringify(content));
    await rename(`${file}.new`, file);
  };
  const endDaemon = async (signal: NodeJS.Signals): Promise<void> => {
    if (daemon === undefined) return;
    const exited = once(daemon, 'exit');
    if (daemon.exitCode === null && daemon.signalCode === null) {
      daemon.kill('SIGCONT');
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
    async startDaemon() {
      daemon = spawn(process.execPath, [join(SOURCE, 'daemon.js')], {
        env: { PATH: environment['PATH'], MULTIPASS_EMULATOR_DIR: directory },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await untilListening(join(directory, 'multipass_socket'));
    },
    stopDaemon: () => endDaemon('SIGTERM'),
    killDaemon: () => endDaemon('SIGKILL'),
    freezeDaemon: () => void daemon?.kill('SIGSTOP'),
    thawDaemon: () => void daemon?.kill('SIGCONT'),
    freezeGuest: (name) => signalGuest(name, 'SIGSTOP'),
    thawGuest: (name) => signalGuest(name, 'SIGCONT'),
    killGuest: (name) => signalGuest(name, 'SIGKILL'),
    async guestProcesses() {
      const guests = await processesOf((argument) => argument.includes(join(directory, 'guests')));
      return guests.map(({ line }) => line);
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
