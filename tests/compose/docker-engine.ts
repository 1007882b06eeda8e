import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@golem-provider/testing';
import { type ProgramOptions, runProgram } from './programs.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const CGROUPS = '/sys/fs/cgroup';
/** Another client may come before Debian's in the PATH, and not know how to build with this engine. */
const PATH = `/usr/bin:/usr/sbin:/bin:/sbin:${process.env['PATH'] ?? ''}`;

/**
 * A Docker engine of a test's own. It has its own processes, mounts and files: when it ends, so does all that it started, and
 * when this process is killed it ends too. The machine's own engine, if there is one, is not touched.
 */
export interface DockerEngine {
  docker(args: readonly string[], options?: Partial<ProgramOptions>): Promise<string>;
  compose(args: readonly string[], options?: Partial<ProgramOptions>): Promise<string>;
  /** Runs a program in the engine's network, where published ports are. */
  inNetwork(program: string, args: readonly string[], options?: Partial<ProgramOptions>): Promise<string>;
  /** Ends the engine and all containers; what it has stored stays for the next. */
  stop(): Promise<void>;
}

/** How an engine is run. */
export interface EngineOptions {
  /** Holds its files; short, as there are sockets in it. */
  readonly directory: string;
  /**
   * `host`: the network of this machine and no other, for builds that fetch packages. `own`: a network of its own, without a
   * way out, in which ports can be published without anybody seeing them.
   */
  readonly network: 'host' | 'own';
  readonly cgroup: string;
}

/** What happens within the engine's namespaces before the engine: directories of the machine that it would write to are covered. */
const START = `
set -e
for directory in /etc/docker /run/docker /var/lib/docker; do
  if [ -d "$directory" ]; then mount -t tmpfs tmpfs "$directory"; fi
done
ip link set lo up
exec dockerd "$@"
`;

async function childOf(pid: number): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
  if (!/^\d+$/.test(children)) throw new Error(`process ${pid} has the children "${children}"`);
  return Number(children);
}

async function removeGroups(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroups(join(directory, entry.name));
  if (entries.length > 0) await rmdir(directory);
}

/** Removes the control groups that an engine left, in every hierarchy. */
async function removeControlGroups(name: string): Promise<void> {
  const hierarchies = [CGROUPS, ...(await readdir(CGROUPS)).map((entry) => join(CGROUPS, entry))];
  // The kernel takes a moment to see that the last process is gone.
  await eventually(async () => {
    for (const hierarchy of hierarchies) await removeGroups(join(hierarchy, name));
  });
}

/** Starts an engine and waits until it answers. Needs root. */
export async function startDockerEngine({ directory, network, cgroup }: EngineOptions): Promise<DockerEngine> {
  await mkdir(directory, { recursive: true });
  const socket = join(directory, 'docker.sock');
  const log = openSync(join(directory, `engine-${network}.log`), 'a');
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const isolation = network === 'own' ? ['--net', ...namespaces] : namespaces;
  const noNetwork = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'];
  const flags = [
    `--data-root=${join(directory, 'data')}`,
    `--exec-root=${join(directory, 'exec')}`,
    `--pidfile=${join(directory, 'engine.pid')}`,
    `--host=unix://${socket}`,
    `--cgroup-parent=/${cgroup}`,
    ...(network === 'host' ? noNetwork : []),
  ];
  const command = ['--pdeathsig', 'KILL', 'unshare', ...isolation, 'sh', '-c', START, 'sh', ...flags];
  const engine = spawn('setpriv', command, { env: { PATH }, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(engine, 'close');
  const pid = engine.pid ?? 0;
  const env = { ...process.env, PATH, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: directory };
  const defaults = { env, timeoutMs: 120_000 };
  const call = (args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<string> =>
    runProgram('docker', args, { ...defaults, ...options, env: { ...env, ...options.env } });

  const stop = async (): Promise<void> => {
    // The engine itself is told; whoever watches over its namespaces ignores such signals.
    if (engine.exitCode === null && engine.signalCode === null) process.kill(await childOf(pid), 'SIGTERM');
    const timer = setTimeout(() => engine.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    await removeControlGroups(cgroup);
    await rm(join(directory, 'exec'), { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      if (engine.exitCode !== null) return;
      await call(['info'], { timeoutMs: START_TIMEOUT_MS });
    }, START_TIMEOUT_MS);
    if (engine.exitCode !== null) {
      throw new Error(`the engine ended: ${await readFile(join(directory, `engine-${network}.log`), 'utf8')}`);
    }
  } catch (error) {
    engine.kill('SIGKILL');
    await ended;
    await removeControlGroups(cgroup);
    throw error;
  }
  return {
    docker: call,
    compose: (args, options = {}) =>
      runProgram('docker-compose', args, { ...defaults, ...options, env: { ...env, ...options.env } }),
    inNetwork: async (program, args, options = {}) =>
      runProgram('nsenter', [`--net=/proc/${await childOf(pid)}/ns/net`, program, ...args], {
        ...defaults,
        ...options,
      }),
    stop,
  };
}
