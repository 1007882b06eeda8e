import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostId } from '@golem-provider/contracts';
import { isErrorCode } from '@golem-provider/service-kit';
import { createReportStore } from '@golem-provider/store';
import {
  type ChaosOrders,
  createChaosOrders,
  eventually,
  freePort,
  freePortSpan,
  hostSample,
  temporaryDirectory,
} from '@golem-provider/testing';
import { z } from 'zod';
import type { ServiceName } from '../chaos-case.ts';
import type { Seen, SeenVm } from '../judge.ts';
import { type ApiClient, createApiClient } from './api.ts';
import { type ChaosEmulator, createEmulator } from './emulator.ts';
import { type ChaosNginx, createNginx } from './nginx.ts';
import { processesHolding, processesNaming, signal, untilTrue } from './processes.ts';
import { runProgram } from './program.ts';
import { type ChaosRedis, createRedis } from './redis.ts';
import { type Supervised, supervise } from './service.ts';

/** A provider as in production, compiled: gateway, worker, Redis, nginx, an emulated Multipass whose guests are real sshds. */
export interface ChaosBed {
  readonly api: ApiClient;
  readonly redis: ChaosRedis;
  readonly emulator: ChaosEmulator;
  readonly nginx: ChaosNginx;
  readonly orders: ChaosOrders;
  readonly services: Readonly<Record<ServiceName, Supervised>>;
  /** A public key that VMs are made with; the bed has its private half. */
  readonly publicKey: string;
  /** Fills the disk of the data directory to its last byte, or gives the room back. */
  fillDisk(): void;
  emptyDisk(): void;
  /** Says anew that the host has room; the monitor is played by the bed. */
  reportHost(): Promise<void>;
  /** Looks at everything: the API, the audit, machines, processes, and a login into every VM that runs. */
  look(): Promise<Seen>;
  /** Where the services write. */
  readonly logs: readonly string[];
  /** Ends all of it; resolves with the command lines of what is left, which should be nothing. */
  dispose(): Promise<string[]>;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HOST = HostId.parse('local');
const START_LIMIT_MS = 120_000;
const PROGRAM_LIMIT_MS = 60_000;
const END_LIMIT_MS = 10_000;
const SAMPLE_MS = 600_000;
const DISK = '96m';
const CHUNK = Buffer.alloc(1024 * 1024);
const PORTS = 20;
/**
 * Short beside those of production, so that what waits for them does not take minutes. A call that only asks has longer than a busy
 * machine may stand still: one that is late counts as a hypervisor that hangs, for which a case may give no reason.
 */
const WORKER_TIMES = {
  killAt: null,
  queue: { lockMs: 3000, stalledCheckMs: 1000 },
  resync: { intervalMs: 1500, unhealthyIntervalMs: 500 },
  multipass: { queryMs: 6000, graceMs: 3000, hungMs: 3000, shutdownMs: 3000, settleMs: 1000, pollMs: 100 },
};
const Audit = z.object({
  findings: z.array(z.object({ kind: z.string(), vm_id: z.string().nullable(), detail: z.string() })),
});

/** Starts one and waits until it is ready. Needs root, for the guests and the disk. */
export async function createChaosBed(environment: NodeJS.ProcessEnv): Promise<ChaosBed> {
  const temporary = await temporaryDirectory();
  const root = temporary.path;
  const data = join(root, 'data');
  const ordersDirectory = join(root, 'orders');
  for (const directory of [data, ordersDirectory]) mkdirSync(directory);
  const run = (program: string, args: readonly string[], env = environment): ReturnType<typeof runProgram> =>
    runProgram(program, args, { env, cwd: root, timeoutMs: PROGRAM_LIMIT_MS });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', data]);
  if (mounted.code !== 0) throw new Error(`mounting a disk for the data directory: ${mounted.stderr}`);
  const key = join(root, 'key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'chaos', '-f', key]);
  const publicKey = (await run('cat', [`${key}.pub`])).stdout.trim();

  const emulator = createEmulator(join(root, 'multipass'), environment);
  await emulator.startDaemon();
  const redis = await createRedis(join(data, 'redis'), root);
  await redis.start();
  const reports = createReportStore(redis.client, HOST);
  const reportHost = async (): Promise<void> => {
    const total = { cpu_cores: 1000, memory_gb: 1000, storage_gb: 10_000 };
    await reports.monitor.save(hostSample({ total }), SAMPLE_MS);
  };
  await reportHost();

  const port = await freePort();
  const portRange = await freePortSpan(PORTS);
  const variables = {
    ...environment,
    NODE_ENV: 'production',
    GOLEM_PROVIDER_DATA_DIR: data,
    GOLEM_PROVIDER_REDIS_URL: redis.url,
    GOLEM_PROVIDER_HOST: '127.0.0.1',
    GOLEM_PROVIDER_PUBLIC_IP: '127.0.0.1',
    GOLEM_PROVIDER_PORT: String(port),
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '1000000',
    GOLEM_PROVIDER_HYPERVISOR: 'multipass',
    GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: emulator.program,
    GOLEM_PROVIDER_DEFAULT_VM_IMAGE: 'ubuntu:24.04',
    GOLEM_PROVIDER_LAUNCH_TIMEOUT: '30',
    GOLEM_PROVIDER_PORT_RANGE_START: String(portRange.start),
    GOLEM_PROVIDER_PORT_RANGE_END: String(portRange.end),
    GOLEM_PROVIDER_LOG_LEVEL: 'debug',
  };
  const logs = ['api-gateway', 'vm-worker'].map((name) => join(root, `${name}.log`));
  const [gatewayLog = '', workerLog = ''] = logs;
  const gateway = join(ROOT, 'services/api-gateway/dist/testing/crash-gateway/main.js');
  const worker = join(ROOT, 'services/vm-worker/dist/testing/crash-worker/main.js');
  const workerOrders = JSON.stringify({ ...WORKER_TIMES, directory: ordersDirectory });
  const services = {
    'api-gateway': supervise([gateway, ordersDirectory], { env: variables, cwd: root, log: gatewayLog }),
    'vm-worker': supervise([worker, workerOrders], { env: variables, cwd: root, log: workerLog }),
  };
  const api = createApiClient(`http://127.0.0.1:${port}`);
  const nginx = createNginx(join(data, 'nginx'));

  const login = async (publicPort: number): Promise<readonly string[] | Error> => {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'ConnectTimeout=10',
      'LogLevel=ERROR',
    ];
    const flags = ['-F', 'none', '-i', key, ...options.flatMap((option) => ['-o', option])];
    const target = ['-p', String(publicPort), 'ubuntu@127.0.0.1', 'cat .ssh/authorized_keys'];
    const { code, stdout, stderr } = await run('ssh', [...flags, ...target]);
    return code === 0 ? stdout.trim().split('\n') : new Error(stderr.trim() || `ssh ended with ${code}`);
  };
  const lookAtVms = async (): Promise<SeenVm[] | undefined> => {
    const vms = await api.vms();
    if (vms === undefined) return undefined;
    return Promise.all(
      vms.map(async ({ id, name, status, proxy_port, cpu_cores, memory_gb, storage_gb }) => ({
        id,
        name,
        status,
        port: proxy_port,
        spec: `${cpu_cores}/${memory_gb}/${storage_gb}`,
        login: status === 'running' && proxy_port !== null ? await login(proxy_port) : undefined,
      })),
    );
  };
  const audit = async (): Promise<Seen['audit']> => {
    const { stdout } = await run(
      process.execPath,
      [join(ROOT, 'services/vm-worker/dist/audit.js'), '--json'],
      variables,
    );
    if (!stdout.startsWith('{')) return undefined;
    const { findings } = Audit.parse(JSON.parse(stdout));
    return findings.map(({ kind, vm_id, detail }) => ({ kind, detail: `${vm_id ?? '-'} ${detail}` }));
  };
  const filler = join(data, 'filler');

  const bed: ChaosBed = {
    api,
    redis,
    emulator,
    nginx,
    orders: createChaosOrders(ordersDirectory),
    services,
    publicKey,
    reportHost,
    logs,
    fillDisk() {
      const { bavail, bsize } = statfsSync(data);
      const chunks = Math.ceil((bavail * bsize) / CHUNK.length);
      try {
        for (let count = 0; count <= chunks; count += 1) writeFileSync(filler, CHUNK, { flag: 'a' });
      } catch (error) {
        if (!isErrorCode(error, 'ENOSPC')) throw error;
      }
    },
    emptyDisk: () => rmSync(filler, { force: true }),
    async look() {
      const [vms, notReady, findings] = await Promise.all([lookAtVms(), api.notReady(), audit()]);
      const [hasProxyMaster, machines, guests] = [nginx.hasMaster(), emulator.machines(), emulator.guests()];
      return { vms, notReady, hasProxyMaster, audit: findings, machines, guests };
    },
    async dispose() {
      for (const service of Object.values(services)) signal(service.pid(), 'SIGCONT');
      emulator.thaw();
      await Promise.all(Object.values(services).map((service) => service.stop()));
      await nginx.kill();
      await redis.stop();
      await emulator.stop();
      // What only takes a moment to end is not left.
      await untilTrue(() => processesNaming(root).length === 0, END_LIMIT_MS);
      const left = processesNaming(root);
      for (const { pid } of left) signal(pid, 'SIGKILL');
      await eventually(() => {
        if (processesNaming(root).length > 0) throw new Error('processes of the bed do not end');
      });
      // Workers of an nginx whose master was killed: their titles name no file.
      for (const pid of processesHolding(data)) signal(pid, 'SIGKILL');
      await eventually(async () => {
        const { code, stderr } = await run('umount', [data]);
        if (code !== 0) throw new Error(`unmounting the disk of the data directory: ${stderr}`);
      });
      await temporary.dispose();
      return left.map(({ line }) => line);
    },
  };
  try {
    await eventually(async () => {
      const reason = await api.notReady();
      if (reason !== undefined) throw new Error(`the provider is not ready: ${reason}`);
    }, START_LIMIT_MS);
  } catch (error) {
    await bed.dispose();
    throw error;
  }
  return bed;
}
