import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type VmId, type VmSpec } from '@golem-provider/contracts';
import { eventually, temporaryDirectory } from '@golem-provider/testing';
import { z } from 'zod';
import { createCommandRunner } from '../../exec/command-runner.ts';
import { makeBlankImage } from '../../testing/blank-image.ts';
import { qemuFixture, type QemuFixture, testVmId } from '../../testing/qemu-fixture.ts';
import type { CallContext } from '../hypervisor.ts';
import { tableName } from './guest-network.ts';
import { findProcesses, isProcessAlive } from './process-table.ts';
import { QEMU_PROGRAM, recogniseMachine } from './qemu-command.ts';
import { withQmp } from './qmp-client.ts';

const TIMEOUT_MS = 120_000;
const isRoot = process.getuid?.() === 0;
const context = (): CallContext => ({ signal: AbortSignal.timeout(TIMEOUT_MS) });
const SPEC: VmSpec = { cpu_cores: 1, memory_gb: 1, storage_gb: 2 };

// The machines of these tests have a blank disk: QEMU is real, a guest there is not.
describe('the QEMU driver', () => {
  let fixture: QemuFixture;
  const id = testVmId('blank');
  const run = createCommandRunner(process.env);
  const path = (name: string): string => join(fixture.data.instances, id, name);
  const machineProcesses = (of: VmId = id) => findProcesses((argv) => recogniseMachine(argv)?.name === of);
  const qmp = (command: string) =>
    withQmp({ directory: path('run'), signal: context().signal, timeoutMs: 10_000 }, (session) =>
      session.execute(command, z.unknown()),
    );
  const power = async (): Promise<string> => (await fixture.hypervisor.observe(id, context())).power;
  const made = async (): Promise<void> => fixture.hypervisor.create(fixture.instance(id, SPEC), context());
  const started = async (): Promise<void> => {
    await made();
    await fixture.hypervisor.start(id, context());
  };

  beforeEach(async () => {
    fixture = await qemuFixture(process.env);
    const directory = await temporaryDirectory();
    await makeBlankImage(process.env, join(directory.path, 'image'));
    await fixture.images.importImage(join(directory.path, 'image'));
    await directory.dispose();
  });
  afterEach(() => fixture.dispose(), TIMEOUT_MS);

  it('makes an overlay of the size asked for whose base is named from where it lies', async () => {
    await made();
    const info = await run(
      { program: 'qemu-img', args: ['info', '--output=json', path('disk.qcow2')], timeoutMs: 30_000 },
      context(),
    );
    expect(JSON.parse(info.stdout)).toMatchObject({
      'virtual-size': 2 * 1024 ** 3,
      'backing-filename': '../../images/debian-12/disk.qcow2',
      'backing-filename-format': 'qcow2',
    });
  });

  it('makes a seed that cloud-init takes, and leaves no other copy of the secrets', async () => {
    const instance = fixture.instance(id, SPEC);
    await fixture.hypervisor.create(instance, context());
    const isoinfo = async (args: readonly string[]): Promise<string> => {
      const command = { program: 'isoinfo', args: ['-i', path('seed.iso'), ...args], timeoutMs: 30_000 };
      return (await run(command, context())).stdout;
    };
    expect(await isoinfo(['-d'])).toMatch(/^Volume id: cidata$/m);
    expect(await isoinfo(['-R', '-x', '/user-data'])).toBe(instance.userData);
    expect(await isoinfo(['-R', '-x', '/meta-data'])).toContain(`instance-id: ${id}`);
    expect(await isoinfo(['-R', '-x', '/vm-seed/ssh_host_ed25519_key'])).toBe(instance.hostPrivateKey);
    expect((await readdir(join(fixture.data.instances, id))).sort()).toEqual([
      'disk.qcow2',
      'instance.json',
      'known_hosts',
      'management_key',
      'run',
      'seed.iso',
    ]);
    expect((await stat(path('seed.iso'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(fixture.data.instances, id))).mode & 0o007).toBe(0);
  });

  it('keeps a whole machine and replaces a half-made one', async () => {
    await mkdir(join(fixture.data.instances, `${id}.partial`), { recursive: true });
    await writeFile(join(fixture.data.instances, `${id}.partial`, 'disk.qcow2'), 'half');
    expect(await power()).toBe('absent');
    await made();
    await writeFile(path('mark'), 'x');
    await made();
    expect(await readFile(path('mark'), 'utf8')).toBe('x');
    expect(await readdir(fixture.data.instances)).toEqual([id]);
  });

  it('refuses a disk that the image does not fit on, and leaves nothing', async () => {
    const { hypervisor, images } = fixture;
    const directory = await temporaryDirectory();
    const description = (await images.find(fixture.instance(id, SPEC).image))?.description;
    await writeFile(
      join(fixture.data.images, 'debian-12', 'image.json'),
      JSON.stringify({ ...description, virtual_size_bytes: 3 * 1024 ** 3 }),
    );
    await expect(made()).rejects.toMatchObject({
      code: 'HYPERVISOR_FAILED',
      retryable: false,
      publicDetail: 'The image debian:12 needs at least 3 GiB of storage.',
    });
    expect(await hypervisor.list(context())).toEqual(new Map());
    await directory.dispose();
  });

  it('refuses an image that it does not know', async () => {
    const image = fixture.instance(id, SPEC).image.replace('12', '99');
    const instance = { ...fixture.instance(id, SPEC), image: fixture.instance(id, SPEC).image };
    await expect(
      fixture.hypervisor.create({ ...instance, image: z.custom<typeof instance.image>().parse(image) }, context()),
    ).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN' });
  });

  it(
    'starts it once, tells its port, and cuts its power',
    async () => {
      const { hypervisor } = fixture;
      await started();
      await hypervisor.start(id, context());
      expect(await machineProcesses()).toHaveLength(1);
      const seen = await hypervisor.observe(id, context());
      expect(seen).toMatchObject({ power: 'running', ipAddress: '127.0.0.1' });
      expect(await hypervisor.list(context())).toEqual(new Map([[id, seen]]));
      await hypervisor.stop(id, { force: true }, context());
      expect(await power()).toBe('stopped');
      expect(await machineProcesses()).toEqual([]);
      await hypervisor.start(id, context());
      expect((await hypervisor.observe(id, context())).sshTarget).toEqual(seen.sshTarget);
    },
    TIMEOUT_MS,
  );

  it(
    'gives it another port when its own was taken meanwhile',
    async () => {
      const { hypervisor } = fixture;
      await started();
      const before = (await hypervisor.observe(id, context())).sshTarget?.port;
      await hypervisor.stop(id, { force: true }, context());
      const thief = createServer().listen(before, '127.0.0.1');
      await once(thief, 'listening');
      await hypervisor.start(id, context());
      expect((await hypervisor.observe(id, context())).sshTarget?.port).not.toBe(before);
      thief.close();
    },
    TIMEOUT_MS,
  );

  it(
    'sees that QEMU was killed, and starts it again',
    async () => {
      await started();
      const [process_] = await machineProcesses();
      process.kill(process_?.pid ?? 0, 'SIGKILL');
      await eventually(async () => expect(await power()).toBe('stopped'));
      await fixture.hypervisor.start(id, context());
      expect(await power()).toBe('running');
    },
    TIMEOUT_MS,
  );

  it(
    'resumes a machine that is paused',
    async () => {
      await started();
      await qmp('stop');
      expect(await power()).toBe('suspended');
      await fixture.hypervisor.start(id, context());
      expect(await power()).toBe('running');
    },
    TIMEOUT_MS,
  );

  it(
    'does not take a QEMU that hangs for one that is gone, and ends it when told to',
    async () => {
      await started();
      const [machine] = await machineProcesses();
      process.kill(machine?.pid ?? 0, 'SIGSTOP');
      expect(await fixture.hypervisor.observe(id, context())).toMatchObject({ power: 'unknown' });
      await fixture.hypervisor.delete(id, context());
      expect(await machineProcesses()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'reports a QEMU that cannot start in its own words, without paths',
    async () => {
      await made();
      await unlink(path('seed.iso'));
      await writeFile(path('seed.iso'), '');
      await unlink(path('disk.qcow2'));
      await writeFile(path('disk.qcow2'), 'rubbish');
      await expect(fixture.hypervisor.start(id, context())).rejects.toMatchObject({
        code: 'HYPERVISOR_FAILED',
        publicDetail: expect.stringMatching(/not in qcow2 format/),
      });
      expect(await power()).toBe('stopped');
    },
    TIMEOUT_MS,
  );

  it('says so when the image of a machine is gone', async () => {
    await made();
    await rm(join(fixture.data.images, 'debian-12'), { recursive: true });
    await expect(fixture.hypervisor.start(id, context())).rejects.toMatchObject({ code: 'IMAGE_UNAVAILABLE' });
  });

  it('refuses to start what was never made, and stops and deletes it without complaint', async () => {
    await expect(fixture.hypervisor.start(id, context())).rejects.toMatchObject({ code: 'HYPERVISOR_FAILED' });
    await fixture.hypervisor.stop(id, { force: false }, context());
    await fixture.hypervisor.delete(id, context());
  });

  it('calls a machine whose description is damaged unknown, not absent', async () => {
    await made();
    await writeFile(path('instance.json'), '{');
    expect(await power()).toBe('unknown');
    expect([...(await fixture.hypervisor.list(context())).keys()]).toEqual([id]);
  });

  it(
    'finds and ends a machine whose files were removed under it',
    async () => {
      await started();
      const [machine] = await machineProcesses();
      await rm(join(fixture.data.instances, id), { recursive: true });
      expect(await power()).toBe('unknown');
      await fixture.hypervisor.delete(id, context());
      expect(machine !== undefined && (await isProcessAlive(machine))).toBe(false);
      expect(await power()).toBe('absent');
    },
    TIMEOUT_MS,
  );

  it(
    'leaves a process alone that only looks like a machine of another data directory',
    async () => {
      await made();
      const uuid = '00000000-0000-4000-8000-000000000000';
      const other = spawn(QEMU_PROGRAM, ['-name', id, '-uuid', uuid, '-nodefaults', '-display', 'none', '-S'], {
        stdio: 'ignore',
      });
      await once(other, 'spawn');
      const exited = once(other, 'exit');
      try {
        await eventually(async () => expect(await machineProcesses()).toHaveLength(1));
        expect(await power()).toBe('stopped');
        await fixture.hypervisor.delete(id, context());
        expect(await machineProcesses()).toHaveLength(1);
      } finally {
        other.kill('SIGKILL');
        await exited;
      }
    },
    TIMEOUT_MS,
  );

  it(
    'does not follow a link that a machine put where its socket should be',
    async () => {
      await started();
      const { port } = await new Promise<{ port: string }>((resolve) => {
        const server = createServer().listen(join(fixture.data.root, 'other.sock'), () => {
          server.close();
          resolve({ port: join(fixture.data.root, 'other.sock') });
        });
      });
      await unlink(path('run/qmp.sock'));
      await symlink(port, path('run/qmp.sock'));
      await expect(qmp('query-status')).rejects.toMatchObject({ reason: 'no_socket' });
    },
    TIMEOUT_MS,
  );

  it(
    'probes the host, prepares it and clears away what was left half removed',
    async () => {
      await mkdir(join(fixture.data.instances, `${id}.deleted`), { recursive: true });
      const probe = await fixture.hypervisor.probe(context());
      expect(probe.version).toMatch(/^\d/);
      expect(['kvm', 'tcg']).toContain(probe.acceleration);
      expect(await readdir(fixture.data.instances)).toEqual([]);
      if (!isRoot || probe.guestNetwork === 'isolated') return;
      const table = {
        program: 'nft',
        args: ['list', 'table', 'inet', tableName(fixture.data.root)],
        timeoutMs: 10_000,
      };
      expect((await run(table, context())).stdout).toContain('skuid 1900000000-1999999999 jump guests');
    },
    TIMEOUT_MS,
  );

  it('shows the catalogue with what is there', async () => {
    const { default_image, images } = await fixture.hypervisor.catalogue();
    expect(default_image).toBe('ubuntu:24.04');
    expect(images.filter(({ available }) => available).map(({ name }) => name)).toEqual(['debian:12']);
  });
});
