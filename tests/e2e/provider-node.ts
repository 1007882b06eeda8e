import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createProviderClient, type ProviderClient, type Schema } from '@golem-provider/client';
import { API_PREFIX } from '@golem-provider/contracts';
import { eventually, freePorts, freePortSpan, startRedisServer, temporaryDirectory } from '@golem-provider/testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'packages/cli/dist/main.js');
const DISCOVERY = join(ROOT, 'services/discovery/dist/main.js');
/** A guest boots in about 20 s under software emulation; this only ends a test that has failed. */
export const BOOT_TIMEOUT_MS = 300_000;
/** It only ends a test that has failed. Guests that boot meanwhile may keep every core busy. */
const START_LIMIT_MS = 120_000;

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly output: string;
}

/** A provider of a test's own: the real command, the real services, a data directory and ports of its own. */
export interface ProviderNode {
  readonly dataDirectory: string;
  /** The port of the API. */
  readonly port: number;
  /** The discovery service at which it is advertised; there as long as the node. */
  readonly discoveryUrl: string;
  readonly portRange: { readonly start: number; readonly end: number };
  /** `npm start` without the set-up: resolves when the API says that it is ready. */
  start(): Promise<void>;
  /** As Ctrl+C does. */
  stop(): Promise<void>;
  /** Everything that the supervisor and the services wrote. */
  output(): string;
  /** The API, as requestors call it. */
  readonly api: ProviderClient;
  /** The same by hand, for what the client would not send. */
  postVm(body: string): Promise<Response>;
  /** Pids of a service of this node. */
  pidOf(service: string): Promise<number>;
  /** Command lines of all processes that mention the data directory, by pid. */
  processes(): Promise<ReadonlyMap<number, string>>;
  /** Removes everything, VMs included. */
  purge(): Promise<CommandEnd>;
  dispose(): Promise<void>;
}

/** All processes of this machine, by pid; those that ended meanwhile are left out. */
async function commandLines(): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const cwd = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    found.set(Number(entry), `${line.replaceAll('\0', ' ')}\n${cwd.replaceAll('\0', '\n')}`);
  }
  return found;
}

/** Makes a node whose guest image is already there; nothing runs yet. */
export async function createProviderNode(image: string): Promise<ProviderNode> {
  const directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, 'data');
  await mkdir(join(dataDirectory, 'images'), { recursive: true });
  await cp(image, join(dataDirectory, 'images', 'debian-12'), { recursive: true });
  const [port = 0, discoveryPort = 0] = await freePorts(2);
  const portRange = await freePortSpan(20);
  const baseUrl = `http://127.0.0.1:${port}`;
  const discoveryUrl = `http://127.0.0.1:${discoveryPort}`;
  const redis = await startRedisServer();
  const discovery = spawn(process.execPath, [DISCOVERY], {
    env: { GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl, GOLEM_PROVIDER_REDIS_URL: redis.url },
    stdio: 'ignore',
  });
  const discoveryEnded = once(discovery, 'exit');
  const environment = {
    ...process.env,
    GOLEM_PROVIDER_DATA_DIR: dataDirectory,
    GOLEM_PROVIDER_HYPERVISOR: 'qemu',
    GOLEM_PROVIDER_DEFAULT_VM_IMAGE: 'debian:12',
    GOLEM_PROVIDER_PORT: String(port),
    GOLEM_PROVIDER_PORT_RANGE_START: String(portRange.start),
    GOLEM_PROVIDER_PORT_RANGE_END: String(portRange.end),
    GOLEM_PROVIDER_PUBLIC_IP: '127.0.0.1',
    GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl,
    // Guests that boot by software emulation keep every core busy.
    GOLEM_PROVIDER_CPU_THRESHOLD: '100',
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '10000',
    NODE_OPTIONS: '',
  };
  let supervisor: ChildProcess | undefined;
  let written = '';

  const api = createProviderClient({ baseUrl });
  const run = async (...args: string[]): Promise<CommandEnd> => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: directory.path,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return { code: child.exitCode, output };
  };
  const stop = async (): Promise<void> => {
    if (supervisor === undefined) return;
    const ended = once(supervisor, 'close');
    supervisor.kill('SIGINT');
    await ended;
    supervisor = undefined;
  };
  const purge = async (): Promise<CommandEnd> => {
    await stop();
    return run('purge', '--yes');
  };

  return {
    dataDirectory,
    port,
    discoveryUrl,
    portRange,
    async start() {
      const child = spawn(process.execPath, [COMMAND, 'start'], {
        cwd: directory.path,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
      supervisor = child;
      await eventually(async () => {
        if (child.exitCode !== null) return;
        const { response } = await api.GET('/ready');
        if (!response.ok) throw new Error('not ready');
      }, START_LIMIT_MS);
      if (child.exitCode !== null) throw new Error(`the provider ended with ${child.exitCode}:\n${written}`);
    },
    stop,
    output: () => written,
    api,
    postVm: (body) =>
      fetch(`${baseUrl}${API_PREFIX}/vms`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }),
    async pidOf(service) {
      const entry = join(ROOT, 'services', service, 'dist', 'main.js');
      for (const [pid, line] of await commandLines()) {
        if (line.includes(entry) && line.includes(dataDirectory)) return pid;
      }
      throw new Error(`${service} does not run`);
    },
    async processes() {
      const all = await commandLines();
      return new Map([...all].filter(([pid, line]) => pid !== process.pid && line.includes(dataDirectory)));
    },
    purge,
    async dispose() {
      await purge();
      discovery.kill('SIGTERM');
      await discoveryEnded;
      await redis.stop();
      await directory.dispose();
    },
  };
}

/** How a requestor logs in: the key in a file of its own, the host key that the API published, nothing else trusted. */
export interface Login {
  readonly access: Pick<Schema<'VmAccess'>, 'ssh_port' | 'ssh_user'>;
  readonly keyFile: string;
  readonly knownHostsFile: string;
}

/** Arguments of `ssh` up to the command. */
export function sshArguments({ access, keyFile, knownHostsFile }: Login): string[] {
  const options = {
    BatchMode: 'yes',
    ConnectTimeout: '60',
    IdentitiesOnly: 'yes',
    ServerAliveInterval: '15',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHostsFile,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['-F', 'none', '-i', keyFile, ...flags, '-p', String(access.ssh_port), `${access.ssh_user}@localhost`];
}

/** Runs a command in the guest and resolves with what it printed. */
export async function inGuest(login: Login, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ssh', [...sshArguments(login), command], { timeout: 120_000 });
  return stdout.trim();
}

/** What a call of the client brought; the problem that came in its place is part of the error. */
export async function dataOf<Data>(
  call: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}
