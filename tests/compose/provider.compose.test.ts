import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_PREFIX, ProviderInfo, Readiness, Vm, VmAccess } from '@golem-provider/contracts';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { baseImageFile } from './base-image.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Both are made once and kept. */
const GUEST_IMAGES = join(ROOT, '.cache/images');
const BASE_IMAGE_FILE = join(ROOT, '.cache/compose/base.tar');

const BUILD_TIMEOUT_MS = 30 * 60_000;
const BOOT_TIMEOUT_MS = 300_000;
const CGROUP = `golem-provider-test-${process.pid}`;
const PROJECT = 'test';
const SERVICES = ['redis', 'api-gateway', 'vm-worker', 'monitor', 'advertiser', 'discovery'];

const environment = {
  BASE_IMAGE: 'golem-provider-base',
  GOLEM_PROVIDER_DEFAULT_VM_IMAGE: 'debian:12',
  // Guests that boot by software emulation keep every core busy.
  GOLEM_PROVIDER_CPU_THRESHOLD: '100',
  GOLEM_PROVIDER_MEMORY_THRESHOLD: '100',
  GOLEM_PROVIDER_STORAGE_THRESHOLD: '100',
};

let directory: TemporaryDirectory;
let engine: DockerEngine;

const compose = (args: readonly string[], files: readonly string[] = [], timeoutMs = BUILD_TIMEOUT_MS) =>
  engine.compose(['-p', PROJECT, ...['docker-compose.yml', ...files].flatMap((file) => ['-f', file]), ...args], {
    cwd: ROOT,
    env: environment,
    timeoutMs,
  });

async function startEngine(network: 'host' | 'own'): Promise<void> {
  engine = await startDockerEngine({ directory: join(directory.path, 'd'), network, cgroup: CGROUP });
}

/** Puts the image of the guests where the worker looks for it: nothing can be downloaded from there. */
async function bringGuestImage(): Promise<void> {
  const target = '/var/lib/golem-provider/images';
  const script = `mkdir -m 755 ${target} && cp -r /from/debian-12 ${target}/ && chmod -R go=rX ${target}`;
  const volumes = ['-v', `${PROJECT}_data:/var/lib/golem-provider`, '-v', `${GUEST_IMAGES}:/from:ro`];
  const command = ['run', '--rm', '--network=none', ...volumes, 'golem-provider-vm-worker', 'sh', '-c', script];
  await engine.docker(command, { timeoutMs: BOOT_TIMEOUT_MS });
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  const base = await baseImageFile(BASE_IMAGE_FILE);
  await startEngine('host');
  const trust = 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt';
  await engine.docker(['import', '--change', trust, base, environment.BASE_IMAGE], { timeoutMs: BOOT_TIMEOUT_MS });
  // The longest first; the others then take what it has built.
  await compose(['build', 'vm-worker'], ['tests/compose/docker-compose.host-build.yml']);
  await compose(['build'], ['tests/compose/docker-compose.host-build.yml']);
  await engine.stop();
  await startEngine('own');
  await compose(['up', '--no-start', '--no-build']);
  await bringGuestImage();
  await compose(['up', '--no-build', '-d']);
}, 2 * BUILD_TIMEOUT_MS);
afterAll(async () => {
  await engine.stop();
  await directory.dispose();
}, BUILD_TIMEOUT_MS);

const Reply = z.object({ status: z.int(), body: z.unknown() });

/** What accompanies a request. */
interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string;
}

/** A request in the engine's network, as a program on its machine would send it. */
async function call(method: string, path: string, options: CallOptions = {}): Promise<z.output<typeof Reply>> {
  const { body, headers = {}, origin = 'http://127.0.0.1:7466' } = options;
  const script = `
    const [url, init] = process.argv.slice(1);
    fetch(url, JSON.parse(init)).then(async (response) => {
      const text = await response.text();
      const isJson = text.startsWith('{') || text.startsWith('[');
      console.log(JSON.stringify({ status: response.status, body: isJson ? JSON.parse(text) : text }));
    });`;
  const init = {
    method,
    headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const args = ['-e', script, origin + path, JSON.stringify(init)];
  const env = { ...process.env, NODE_OPTIONS: '' };
  return Reply.parse(JSON.parse(await engine.inNetwork(process.execPath, args, { env, timeoutMs: BOOT_TIMEOUT_MS })));
}

async function get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const { status, body } = await call('GET', API_PREFIX + path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return schema.parse(body);
}

/** Logs in through the published port and runs a command; nothing but the host key of the API's answer is trusted. */
async function inGuest(access: VmAccess, command: string): Promise<string> {
  const keyFile = join(directory.path, 'key');
  const knownHosts = join(directory.path, 'known_hosts');
  await writeFile(keyFile, access.ssh_key.private_key ?? '', { mode: 0o600 });
  await writeFile(knownHosts, `[127.0.0.1]:${access.ssh_port} ${access.ssh_host_key ?? ''}\n`);
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'ConnectTimeout=60',
  ];
  const flags = ['-F', 'none', '-i', keyFile, ...options.flatMap((option) => ['-o', option])];
  const target = ['-p', String(access.ssh_port), `${access.ssh_user}@127.0.0.1`];
  return (await engine.inNetwork('ssh', [...flags, ...target, command])).trim();
}

const untilReady = (): Promise<void> =>
  eventually(async () => {
    expect(await get('/ready', Readiness)).toMatchObject({ ready: true });
  }, BOOT_TIMEOUT_MS);

const inspect = async (service: string, format: string): Promise<string> => {
  const id = (await compose(['ps', '-q', service])).trim();
  return (await engine.docker(['inspect', '--format', format, id])).trim();
};

describe('the provider in containers', () => {
  it(
    'comes up, and every container says that it is well',
    async () => {
      await untilReady();
      await eventually(async () => {
        for (const service of SERVICES)
          expect([service, await inspect(service, '{{.State.Health.Status}}')]).toEqual([service, 'healthy']);
      }, BOOT_TIMEOUT_MS);
    },
    BOOT_TIMEOUT_MS,
  );

  it(
    'is found at the discovery service',
    async () => {
      await eventually(async () => {
        const { advertisement } = await get('/provider/info', ProviderInfo);
        expect(advertisement).toMatchObject({ status: 'advertised' });
      }, BOOT_TIMEOUT_MS);
      const { provider_id: id } = await get('/provider/info', ProviderInfo);
      const found = await call('GET', '/api/v1/advertisements', { origin: 'http://127.0.0.1:7465' });
      expect(found.status).toBe(200);
      expect(JSON.stringify(found.body)).toContain(id);
    },
    BOOT_TIMEOUT_MS,
  );

  it('runs nothing as root but the worker, with no right to gain more and no writable program', async () => {
    const users = await Promise.all(SERVICES.map((service) => inspect(service, '{{.Config.User}}')));
    expect(users).toEqual(['redis', 'golem-provider', '', 'golem-provider', 'golem-provider', 'golem-provider']);
    for (const service of SERVICES) {
      const format = '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}';
      expect(await inspect(service, format)).toBe('true [ALL] [no-new-privileges:true]');
    }
  });

  it('keeps records that a restart or a lack of memory cannot lose', async () => {
    const asked = ['appendonly', 'maxmemory-policy'].map((name) =>
      compose(['exec', '-T', 'redis', 'redis-cli', 'config', 'get', name]),
    );
    expect((await Promise.all(asked)).map((answer) => answer.split('\n')[1])).toEqual(['yes', 'noeviction']);
  });

  it('publishes the API to this machine alone', async () => {
    expect(await inspect('api-gateway', '{{json .HostConfig.PortBindings}}')).toBe(
      '{"7466/tcp":[{"HostIp":"127.0.0.1","HostPort":"7466"}]}',
    );
    expect(await inspect('redis', '{{json .HostConfig.PortBindings}}')).not.toContain('HostPort');
  });

  it('tells its metrics to the operator within the container of the gateway', async () => {
    const script = "fetch('http://127.0.0.1:7466/metrics').then((r) => r.text()).then((text) => console.log(text))";
    const text = await compose(['exec', '-T', 'api-gateway', 'node', '-e', script]);
    for (const service of ['api-gateway', 'vm-worker', 'monitor', 'advertiser'])
      expect(text).toContain(`golem_provider_process_cpu_seconds_total{service="${service}"}`);
    expect((await call('GET', '/metrics')).status).toBe(401);
  });

  it('lets whoever reaches the port manage VMs, and nobody but the holder of its token operate the provider', async () => {
    expect((await call('GET', `${API_PREFIX}/vms`)).status).toBe(200);
    const operator = [
      ['GET', '/metrics'],
      ['GET', '/admin/queues'],
      ['POST', `${API_PREFIX}/provider/drain`],
      ['POST', `${API_PREFIX}/provider/undrain`],
    ] as const;
    for (const [method, path] of operator) expect([path, (await call(method, path)).status]).toEqual([path, 401]);

    const token = await compose(['exec', '-T', 'api-gateway', 'cat', '/var/lib/golem-provider/operator-token']);
    const Authorization = `Bearer ${token.trim()}`;
    for (const [method, path] of operator) {
      expect([path, (await call(method, path, { headers: { Authorization } })).status]).toEqual([path, 200]);
    }
  });

  it(
    'makes a VM, which comes back with its disk after the worker was stopped, and deletes it',
    async () => {
      const body = { name: 'web', cpu_cores: 1, memory_gb: 1, storage_gb: 10 };
      const created = await call('POST', `${API_PREFIX}/vms`, { body });
      expect(created).toMatchObject({ status: 201, body: { status: 'running', proxy_host: '127.0.0.1' } });
      const { id } = Vm.parse(created.body);
      const access = await get(`/vms/${id}/access`, VmAccess);
      expect(await inGuest(access, 'echo kept > note; sync; id -un')).toBe(access.ssh_user);
      expect(await get('/provider/info', ProviderInfo)).toMatchObject({ hypervisor: { guest_network: 'isolated' } });

      await compose(['stop', 'vm-worker']);
      // Shut down, not cut off: the guest's own log tells it after the next boot.
      expect(await compose(['logs', '--no-color', 'vm-worker'])).toContain('"msg":"stopped a machine"');
      expect(await inspect('vm-worker', '{{.State.ExitCode}}')).toBe('0');
      await compose(['start', 'vm-worker']);
      await untilReady();

      const note = await eventually(() => inGuest(access, 'cat note'), BOOT_TIMEOUT_MS, 1000);
      expect(note).toBe('kept');
      expect(await call('DELETE', `${API_PREFIX}/vms/${id}`)).toMatchObject({ status: 204 });
      expect(await get('/vms', z.array(Vm))).toEqual([]);
    },
    3 * BOOT_TIMEOUT_MS,
  );

  it(
    'lets guests out only where the operator gives the worker the right to set packet rules',
    async () => {
      await compose(['up', '--no-build', '-d', 'vm-worker'], ['docker-compose.internet.yml']);
      await eventually(async () => {
        const info = await get('/provider/info', ProviderInfo);
        expect(info.hypervisor).toMatchObject({ guest_network: 'internet' });
      }, BOOT_TIMEOUT_MS);
      const tables = await compose(['exec', '-T', 'vm-worker', 'nft', 'list', 'tables']);
      expect(tables).toContain('golem_provider');
    },
    2 * BOOT_TIMEOUT_MS,
  );

  it(
    'leaves nothing behind',
    async () => {
      await compose(['down', '--volumes']);
      expect(await engine.docker(['ps', '--all', '--quiet'])).toBe('');
      expect(await engine.docker(['volume', 'ls', '--quiet'])).toBe('');
      expect(await readdir(join(directory.path, 'd/data/volumes'))).not.toContain(`${PROJECT}_data`);
    },
    BOOT_TIMEOUT_MS,
  );
});
