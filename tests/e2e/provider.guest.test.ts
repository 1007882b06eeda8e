import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProviderClient, type Schema } from '@golem-provider/client';
import { Problem } from '@golem-provider/contracts';
import { callDiscovery, eventually, temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { z } from 'zod';
import {
  BOOT_TIMEOUT_MS,
  createProviderNode,
  dataOf,
  inGuest,
  type Login,
  type ProviderNode,
  sshArguments,
} from './provider-node.ts';

/** Built by the test run before any guest boots. */
const IMAGE = fileURLToPath(new URL('../../.cache/images/debian-12', import.meta.url));
const EXAMPLE = { name: 'my-webserver', cpu_cores: 2, memory_gb: 4, storage_gb: 20 };

let directory: TemporaryDirectory;
let node: ProviderNode;
/** Ports that were given so far, in order. */
const ports: (number | null)[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  node = await createProviderNode(IMAGE);
  await node.start();
}, BOOT_TIMEOUT_MS);
afterAll(async () => {
  await node.dispose();
  await directory.dispose();
}, 120_000);

const resources = (): Promise<Schema<'ProviderResources'>> => dataOf(node.api.GET('/provider/resources'));
const getVm = (id: string): Promise<Schema<'Vm'>> => dataOf(node.api.GET('/vms/{id}', { params: { path: { id } } }));
const getJob = (job_id: string): Promise<Schema<'Job'>> =>
  dataOf(node.api.GET('/vms/jobs/{job_id}', { params: { path: { job_id } } }));

async function getAccess(id: string): Promise<Schema<'VmAccess'>> {
  const access = await dataOf(node.api.GET('/vms/{id}/access', { params: { path: { id } } }));
  if (!('ssh_host' in access)) throw new Error(`${id} is still being created`);
  return access;
}

async function logInTo({ id }: Schema<'Vm'>): Promise<Login> {
  const access = await getAccess(id);
  const keyFile = join(directory.path, 'key');
  const knownHostsFile = join(directory.path, 'known_hosts');
  await writeFile(keyFile, access.ssh_key.private_key ?? '', { mode: 0o600 });
  await writeFile(knownHostsFile, `[localhost]:${access.ssh_port} ${access.ssh_host_key ?? ''}\n`);
  return { access, keyFile, knownHostsFile };
}

const Found = z.array(
  z.object({ provider_id: z.string(), ip_address: z.string(), resources: z.object({ cpu: z.int() }) }),
);

/** Who has two cores free, as a requestor asks. */
async function find(): Promise<z.infer<typeof Found>> {
  const request = { method: 'GET', path: '/api/v1/advertisements?cpu=2&memory=4&storage=20&country=SE' } as const;
  return Found.parse((await callDiscovery(node.discoveryUrl, request)).body);
}

/** A session in which a number comes back for each line that is sent: what is lost or doubled would show. */
function openSession(login: Login): { readonly child: ChildProcess; echo(line: string): Promise<void> } {
  const child = spawn('ssh', [...sshArguments(login), 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  // That the other end is gone is told by what does not come back.
  child.stdin.on('error', () => undefined);
  let received = '';
  child.stdout.on('data', (chunk: Buffer) => (received += chunk.toString()));
  let sent = '';
  return {
    child,
    async echo(line) {
      sent += `${line}\n`;
      child.stdin.write(`${line}\n`);
      await eventually(() => expect(received).toBe(sent), 60_000);
    },
  };
}

/** All that the node wrote anywhere: logs, the append-only file of Redis, what ran. */
async function everythingWritten(): Promise<string> {
  const read = async (folder: string): Promise<string> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
  };
  const folders = ['logs', 'redis', 'nginx'].map((name) => read(join(node.dataDirectory, name)));
  return [node.output(), ...(await Promise.all(folders)), ...(await node.processes()).values()].join('\n');
}

describe('a provider', () => {
  let vm: Schema<'Vm'>;
  let login: Login;
  /** The address that the discovery service gave. */
  let advertised: string;

  it('refuses bad input with a stable code, and nothing is reserved', async () => {
    const refused: [unknown, number, string][] = [
      [{}, 422, 'INVALID_REQUEST'],
      [{ ...EXAMPLE, cpu_cores: 0 }, 422, 'INVALID_REQUEST'],
      [{ ...EXAMPLE, image: 'file:///etc/shadow' }, 422, 'INVALID_REQUEST'],
      [{ ...EXAMPLE, image: 'ubuntu:1.04' }, 422, 'IMAGE_UNKNOWN'],
      ['{"name":', 400, 'MALFORMED_JSON'],
      [{ ...EXAMPLE, name: 'x'.repeat(70_000) }, 413, 'BODY_TOO_LARGE'],
      [{ ...EXAMPLE, cpu_cores: 1000 }, 503, 'RESOURCES_EXHAUSTED'],
    ];
    for (const [body, status, code] of refused) {
      const response = await node.postVm(typeof body === 'string' ? body : JSON.stringify(body));
      expect([response.status, Problem.parse(await response.json()).code]).toEqual([status, code]);
    }
    const { reserved } = await resources();
    expect(reserved).toEqual({ cpu_cores: 0, memory_gb: 0, storage_gb: 0 });
    expect(await dataOf(node.api.GET('/vms'))).toEqual([]);
  });

  it('is found by a requestor who asks the discovery service', async () => {
    const [found] = await eventually(
      async () => {
        const all = await find();
        expect(all).toHaveLength(1);
        return all;
      },
      60_000,
      1000,
    );

    // The advertiser says so once it has looked at what is shown, a moment after others may see it.
    const { provider_id, ip_address } = await eventually(async () => {
      const info = await dataOf(node.api.GET('/provider/info'));
      expect(info.advertisement.status).toBe('advertised');
      return info;
    }, 60_000);
    expect(found).toMatchObject({ provider_id, ip_address });
    advertised = found?.ip_address ?? '';
  }, 180_000);

  it(
    'gives a VM that is reached by ssh through its public port, with what was asked for and the host key that was published',
    async () => {
      // As the requestor does: from the address that was found.
      const found = createProviderClient({ baseUrl: `http://${advertised}:${node.port}` });
      const creation = await found.POST('/vms', { body: EXAMPLE });
      expect([creation.error, creation.response.status]).toEqual([undefined, 201]);
      if (creation.data === undefined || !('id' in creation.data)) throw new Error('the answer is no VM');
      vm = creation.data;
      ports.push(vm.proxy_port);
      login = await logInTo(vm);
      const facts = await inGuest(
        login,
        'nproc; free -m | awk "/Mem:/{print \\$2}"; df -BG --output=size / | tail -1; hostname; sudo id -un',
      );
      const [cores, memoryMiB, disk, hostname, root] = facts.split('\n').map((line) => line.trim());

      expect(vm).toMatchObject({ status: 'running', proxy_host: '127.0.0.1', error: null });
      expect(vm.proxy_port).toBeGreaterThanOrEqual(node.portRange.start);
      expect(vm.proxy_port).toBeLessThan(node.portRange.end);
      expect([cores, hostname, root]).toEqual(['2', vm.id, 'root']);
      expect(Number(memoryMiB)).toBeGreaterThan(3800);
      expect(disk).toBe('20G');
    },
    BOOT_TIMEOUT_MS,
  );

  it('shows who serves it and what is held', async () => {
    const info = await dataOf(node.api.GET('/provider/info'));
    const { reserved } = await resources();

    expect(info.hypervisor).toMatchObject({ name: 'qemu', default_image: 'debian:12' });
    expect(reserved).toEqual({ cpu_cores: 2, memory_gb: 4, storage_gb: 20 });
  });

  it(
    'authorises one more key in the running VM, and withdraws it',
    async () => {
      const keyFile = join(directory.path, 'more');
      const made = spawn('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me@laptop', '-f', keyFile]);
      expect(await once(made, 'exit')).toEqual([0, null]);
      const key = (await readFile(`${keyFile}.pub`, 'utf8')).trim();
      const whoAmI = (): Promise<string> => inGuest({ ...login, keyFile }, 'id -un').then((user) => user.trim());

      const path = { id: vm.id };
      const added = await node.api.POST('/vms/{id}/ssh-keys', { params: { path }, body: { name: 'laptop', key } });
      expect([added.response.status, added.data]).toEqual([201, { name: 'laptop', key, state: 'active' }]);
      expect(await whoAmI()).toBe('ubuntu');
      expect(await dataOf(node.api.GET('/vms/{id}/ssh-keys', { params: { path } }))).toHaveLength(1);

      const withdrawn = await node.api.DELETE('/vms/{id}/ssh-keys/{name}', {
        params: { path: { ...path, name: 'laptop' } },
      });
      expect(withdrawn.response.status).toBe(204);
      await expect(whoAmI()).rejects.toThrow();
      expect(await inGuest(login, 'cat .ssh/authorized_keys')).toMatch(/^restrict ssh-ed25519 \S+ golem-provider$/m);
    },
    BOOT_TIMEOUT_MS,
  );

  it('writes no private key into a log, a job, Redis or a process list', async () => {
    const access = await getAccess(vm.id);
    // A line from the middle: the first and last are the same for every key.
    const secret = access.ssh_key.private_key?.split('\n')[2] ?? '';

    expect(secret.length).toBeGreaterThan(40);
    const written = await everythingWritten();
    expect(written).toContain(vm.id);
    expect(written).not.toContain(secret);
    expect(written).not.toContain('PRIVATE KEY');
  });

  it(
    'brings back each service that is killed, while VMs and ssh sessions go on',
    async () => {
      const session = openSession(login);
      await session.echo('before');
      for (const service of ['vm-worker', 'api-gateway', 'monitor', 'advertiser']) {
        const pid = await node.pidOf(service);
        process.kill(pid, 'SIGKILL');
        await eventually(async () => expect(await node.pidOf(service)).not.toBe(pid), 60_000);
        await session.echo(`after ${service}`);
      }
      // New VMs are taken while a monitor samples: what its predecessor left counts for a while only.
      const killedMs = Date.now();
      await eventually(async () => {
        const { points } = await dataOf(node.api.GET('/provider/resources/history'));
        expect(Date.parse(points.at(-1)?.sampled_at ?? '')).toBeGreaterThan(killedMs);
      }, 120_000);
      await eventually(async () => expect(await getVm(vm.id)).toMatchObject({ status: 'running' }), 60_000);
      const ended = once(session.child, 'exit');
      session.child.stdin?.end();
      expect(await ended).toEqual([0, null]);
    },
    BOOT_TIMEOUT_MS,
  );

  it(
    'leaves nothing of a VM that is deleted',
    async () => {
      const deleteVm = async (): Promise<number> =>
        (await node.api.DELETE('/vms/{id}', { params: { path: { id: vm.id } } })).response.status;

      expect(await deleteVm()).toBe(204);
      expect(await deleteVm()).toBe(404);
      const { reserved } = await resources();
      expect(reserved).toEqual({ cpu_cores: 0, memory_gb: 0, storage_gb: 0 });
      for (const folder of ['vms', 'instances', 'nginx/vms']) {
        expect(await readdir(join(node.dataDirectory, folder))).toEqual([]);
      }
      expect([...(await node.processes()).values()].filter((line) => line.startsWith('qemu'))).toEqual([]);
      const socket = connect({ host: '127.0.0.1', port: vm.proxy_port ?? 0 });
      const [error] = await once(socket, 'error');
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    },
    BOOT_TIMEOUT_MS,
  );

  it(
    'finishes a creation in whose midst it was stopped, and leaves the VM running when it stops',
    async () => {
      const creation = await node.api.POST('/vms', {
        params: { query: { async: true } },
        body: { name: 'second', size: 'small' },
      });
      expect(creation.response.status).toBe(202);
      const accepted = await dataOf(Promise.resolve(creation));
      if (!('job_id' in accepted)) throw new Error('the creation was not accepted as a job');
      await eventually(async () => {
        const { phase } = await getJob(accepted.job_id);
        expect(['booting', 'waiting_for_ssh']).toContain(phase);
      }, 60_000);

      await node.stop();
      await node.start();

      await eventually(async () => {
        expect(await getJob(accepted.job_id)).toMatchObject({ status: 'ready', error: null });
      }, BOOT_TIMEOUT_MS);
      const second = await getVm(accepted.vm_id);
      ports.push(second.proxy_port);
      const secondLogin = await logInTo(second);
      const session = openSession(secondLogin);
      await session.echo('before the stop');
      await node.stop();
      expect(await find()).toEqual([]);
      await session.echo('after the stop');
      session.child.stdin?.end();
      await once(session.child, 'exit');

      expect(new Set(ports).size).toBe(2);
    },
    BOOT_TIMEOUT_MS,
  );

  it('leaves nothing when it is purged', async () => {
    const { code, output } = await node.purge();

    expect([code, output]).toEqual([0, expect.stringContaining('Removed')]);
    await expect(readdir(node.dataDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
    expect([...(await node.processes()).values()]).toEqual([]);
  }, 120_000);
});
