import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { API_PREFIX, Readiness } from '@golem-provider/contracts';
import { eventually, freePorts, freePortSpan, startRedisServer, temporaryDirectory } from '@golem-provider/testing';
import {
  installEmulator,
  killEmulatedGuests,
  spawnEmulatorDaemon,
  untilEmulatorListens,
} from '../../services/vm-worker/emulator/multipass/launcher.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'packages/cli/bin/golem-provider.js');
/** These only end a test that has failed. */
const START_LIMIT_MS = 120_000;
const COMMAND_LIMIT_MS = 180_000;

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<CommandEnd>;
}

/**
 * A whole provider as `npm start` runs it, compiled, over an emulated Multipass, with a private Redis and nginx, on free ports,
 * under a directory of its own.
 */
export interface EmulatedProvider {
  readonly directory: string;
  readonly baseUrl: string;
  /** Starts it and waits until it is ready. */
  start(): Promise<void>;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** Stops the services, as Ctrl+C does. */
  stop(): Promise<void>;
  /** Runs `golem-provider` as a process. */
  run(...args: readonly string[]): Promise<CommandEnd>;
  /** The same while it runs. */
  launch(...args: readonly string[]): RunningCommand;
  /** The process of a service, or of `redis`. */
  pidOf(service: string): Promise<number>;
  /** Calls the emulated Multipass, as a person would behind the provider's back. */
  multipass(...args: readonly string[]): Promise<void>;
  /** From now on the emulated Multipass takes requests and answers none. */
  freezeMultipass(): void;
  thawMultipass(): void;
  /** What the services wrote. */
  output(): string;
  /** Removes all of it; resolves with the command lines of what is left, which should be nothing. */
  dispose(): Promise<string[]>;
}

/** Processes whose command line or environment mentions `text`, by pid; those that ended meanwhile are left out. */
async function processesWith(text: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    if (line !== '' && (line + environment).includes(text)) found.set(Number(entry), line.replaceAll('\0', ' ').trim());
  }
  return found;
}

/**
 * Makes a provider, with more settings or others; nothing of it runs yet but the emulated Multipass and a discovery service.
 * Needs root, for the guests.
 */
export async function createEmulatedProvider(settings: NodeJS.ProcessEnv = {}): Promise<EmulatedProvider> {
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const emulator = join(directory, 'multipass');
  const data = join(directory, 'data');
  const [port = 0, discoveryPort = 0] = await freePorts(2);
  const portRange = await freePortSpan(20);
  const baseUrl = `http://127.0.0.1:${port}`;
  const discoveryUrl = `http://127.0.0.1:${discoveryPort}`;
  const program = installEmulator(emulator);
  const daemon = spawnEmulatorDaemon(emulator, { searchPath: process.env['PATH'], isDetached: true });
  const daemonEnded = once(daemon, 'exit');
  await untilEmulatorListens(emulator, AbortSignal.timeout(START_LIMIT_MS));
  const redis = await startRedisServer();
  const discovery = spawn(process.execPath, [join(ROOT, 'services/discovery/dist/main.js')], {
    env: { GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl, GOLEM_PROVIDER_REDIS_URL: redis.url },
    stdio: 'ignore',
  });
  const discoveryEnded = once(discovery, 'exit');
  // An installation of its own for the user's ssh too: nothing of the one who runs the tests is read or written.
  await writeFile(join(directory, '.env'), '');
  const environment = {
    PATH: process.env['PATH'],
    HOME: directory,
    GOLEM_PROVIDER_DATA_DIR: data,
    GOLEM_PROVIDER_HOST: '127.0.0.1',
    GOLEM_PROVIDER_PORT: String(port),
    GOLEM_PROVIDER_HYPERVISOR: 'multipass',
    GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: program,
    GOLEM_PROVIDER_STORAGE_PATH: directory,
    GOLEM_PROVIDER_DEFAULT_VM_IMAGE: 'ubuntu:24.04',
    GOLEM_PROVIDER_PORT_RANGE_START: String(portRange.start),
    GOLEM_PROVIDER_PORT_RANGE_END: String(portRange.end),
    GOLEM_PROVIDER_PUBLIC_IP: '127.0.0.1',
    GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl,
    // Others keep this machine busy.
    GOLEM_PROVIDER_CPU_THRESHOLD: '100',
    GOLEM_PROVIDER_CPU_OVERCOMMIT: '4',
    GOLEM_PROVIDER_MEMORY_THRESHOLD: '100',
    GOLEM_PROVIDER_STORAGE_THRESHOLD: '100',
    GOLEM_PROVIDER_HOST_RESERVE_PERCENT: '0',
    GOLEM_PROVIDER_SAMPLE_INTERVAL: '1',
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '10000',
    ...settings,
  };
  let supervisor: RunningCommand | undefined;
  const launched: ChildProcess[] = [];

  const launch = (...args: readonly string[]): RunningCommand => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    launched.push(child);
    const written = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
    const ended = once(child, 'close').then(() => ({ code: child.exitCode, ...written }));
    return { child, stdout: () => written.stdout, stderr: () => written.stderr, ended };
  };
  const run = async (...args: readonly string[]): Promise<CommandEnd> => {
    const command = launch(...args);
    const limit = setTimeout(() => command.child.kill('SIGKILL'), COMMAND_LIMIT_MS);
    try {
      return await command.ended;
    } finally {
      clearTimeout(limit);
    }
  };
  const stop = async (): Promise<void> => {
    supervisor?.child.kill('SIGINT');
    await supervisor?.ended;
    supervisor = undefined;
  };

  const ready = async (): Promise<void> => {
    await eventually(async () => {
      if (supervisor?.child.exitCode !== null) return;
      const readiness = Readiness.parse(await (await fetch(`${baseUrl}${API_PREFIX}/ready`)).json());
      if (!readiness.ready) throw new Error(`not ready:\n${supervisor.stdout()}`);
    }, START_LIMIT_MS);
    if (supervisor?.child.exitCode !== null) throw new Error(`the provider ended:\n${supervisor?.stdout()}`);
  };

  return {
    directory,
    baseUrl,
    run,
    launch,
    ready,
    stop,
    async start() {
      supervisor = launch('start');
      await ready();
    },
    async pidOf(service) {
      const entry = service === 'redis' ? 'redis-server' : join(ROOT, 'services', service, 'dist/main.js');
      const [pid] = [...(await processesWith(data))].find(([, line]) => line.includes(entry)) ?? [];
      if (pid === undefined) throw new Error(`${service} does not run`);
      return pid;
    },
    async multipass(...args) {
      await promisify(execFile)(program, args, { env: environment, timeout: COMMAND_LIMIT_MS });
    },
    freezeMultipass: () => void daemon.kill('SIGSTOP'),
    thawMultipass: () => void daemon.kill('SIGCONT'),
    output: () => supervisor?.stdout() ?? '',
    async dispose() {
      daemon.kill('SIGCONT');
      await stop();
      await run('purge', '--yes');
      for (const child of launched) child.kill('SIGKILL');
      daemon.kill('SIGTERM');
      await daemonEnded;
      killEmulatedGuests(emulator);
      discovery.kill('SIGTERM');
      await discoveryEnded;
      await redis.stop();
      const left = await processesWith(directory);
      for (const pid of left.keys()) process.kill(pid, 'SIGKILL');
      await temporary.dispose();
      return [...left.values()];
    },
  };
}
