import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  DrainState,
  Finding,
  Job,
  JobAccepted,
  ProviderInfo,
  ProviderResources,
  Readiness,
  SshKey,
  StreamedEvent,
  Vm,
} from '@golem-provider/contracts';
import { eventually } from '@golem-provider/testing';
import { z } from 'zod';
import {
  type CommandEnd,
  createEmulatedProvider,
  type EmulatedProvider,
  type RunningCommand,
} from './emulated-provider.ts';
import { WRONG_COMMANDS } from './wrong-commands.ts';

/** They only end a test that has failed. */
const BED_LIMIT_MS = 180_000;
const LIMIT_MS = 180_000;
const STATE_LIMIT_MS = 60_000;

jest.setTimeout(LIMIT_MS);

let provider: EmulatedProvider;
let listener: RunningCommand;

beforeAll(async () => {
  provider = await createEmulatedProvider();
  await provider.start();
  listener = provider.launch('events', '--json');
  await eventually(() => expect(listener.stderr()).toContain('listening to'), STATE_LIMIT_MS);
}, BED_LIMIT_MS);
afterAll(async () => {
  listener.child.kill('SIGKILL');
  expect(await provider.dispose()).toEqual([]);
}, BED_LIMIT_MS);

/** Runs a command that must end with 0 and gives what it wrote as its result. */
async function text(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await provider.run(...args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** The same for a command that shows JSON. */
async function json<Schema extends z.ZodType>(schema: Schema, ...args: readonly string[]): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse(await text(...args, '--json')));
}

const phasesOf = ({ stderr }: CommandEnd): string[] =>
  stderr
    .split('\n')
    .map((line) => /^ *\d+\.\d s {2}([a-z ]+)/.exec(line)?.[1] ?? '')
    .filter((phase) => phase !== '');

/** Tests follow each other: each goes on with the VM `web` as the one before left it. */
describe('golem-provider over a provider that runs', () => {
  it('tells how it is, in words and as JSON', async () => {
    const status = await text('status');
    expect(status).toMatch(/^ready +yes$/m);
    expect(status).toMatch(/^hypervisor +.*1\.16\.3 \(emulator\)/m);
    expect(status).toMatch(/^cores /m);
    // No person reads this.
    expect(status).not.toContain('\u001b');

    const State = z.object({
      readiness: Readiness,
      info: ProviderInfo,
      resources: ProviderResources,
      vms: z.array(Vm),
    });
    expect((await json(State, 'status')).readiness.ready).toBe(true);
    expect((await json(ProviderResources, 'resources')).accepting).toBe(true);
    expect(await text('resources')).toContain('New VMs are taken.');
    await eventually(async () => expect(await text('advert')).toMatch(/^status +advertised$/m), STATE_LIMIT_MS);
    expect(await json(ProviderInfo.shape.advertisement, 'advert')).toMatchObject({
      status: 'advertised',
      reason: null,
    });
    expect(await json(z.array(Vm), 'vms')).toEqual([]);
    expect(await text('jobs')).toBe('There are no jobs.\n');
  });

  it('creates a VM and tells each phase as it comes', async () => {
    // A creation that has ended before anybody could listen has no phase to tell any more.
    provider.freezeMultipass();
    const creation = provider.launch('vms', 'create', 'web', '--cpu', '1', '--memory', '1', '--json');
    await eventually(() => expect(creation.stderr()).toContain('queued'), STATE_LIMIT_MS);
    provider.thawMultipass();
    const created = await creation.ended;

    expect([created.code, phasesOf(created)]).toEqual([
      0,
      expect.arrayContaining(['queued', 'preparing', 'creating', 'forwarding', 'waiting for ssh', 'done']),
    ]);
    const vm = Vm.parse(JSON.parse(created.stdout));
    expect(vm).toMatchObject({ name: 'web', status: 'running', memory_gb: 1 });
    expect(await json(Vm, 'vms', 'show', 'web')).toEqual(vm);
    expect(await text('vms', 'show', vm.id)).toContain(`127.0.0.1 port ${vm.proxy_port}`);
    expect(await text('vms', 'list')).toMatch(new RegExp(`^${vm.id} +running`, 'm'));
  });

  it('logs in, and passes on what a command writes and how it ends', async () => {
    expect((await text('vms', 'ssh', 'web', 'whoami')).trim()).toBe('ubuntu');
    expect(await provider.run('vms', 'ssh', 'web', '--', 'echo', 'no', '>&2;', 'exit', '42')).toEqual({
      code: 42,
      stdout: '',
      stderr: 'no\n',
    });
  });

  it('lets another key log in until it is withdrawn', async () => {
    const keyFile = join(provider.directory, 'laptop');
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me@laptop', '-f', keyFile]);
    const { proxy_port: port } = await json(Vm, 'vms', 'show', 'web');
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const flags = options.flatMap((option) => ['-o', option]);
    const logIn = async (): Promise<string> => {
      const args = ['-F', 'none', '-q', '-i', keyFile, ...flags, '-p', String(port), 'ubuntu@127.0.0.1', 'whoami'];
      return (await promisify(execFile)('ssh', args, { timeout: STATE_LIMIT_MS })).stdout.trim();
    };
    await expect(logIn()).rejects.toMatchObject({ code: 255 });

    const added = await json(SshKey, 'vms', 'keys', 'add', 'web', 'laptop', `${keyFile}.pub`);
    const key = (await readFile(`${keyFile}.pub`, 'utf8')).trim();
    expect(added).toEqual({ name: 'laptop', key, state: 'active' });
    expect(await logIn()).toBe('ubuntu');
    expect(await text('vms', 'keys', 'web')).toContain(`laptop  active  ${key}`);

    expect(await text('vms', 'keys', 'remove', 'web', 'laptop')).toContain('laptop no longer logs in');
    await expect(logIn()).rejects.toMatchObject({ code: 255 });
    expect(await json(z.array(SshKey), 'vms', 'keys', 'list', 'web')).toEqual([]);
    expect((await provider.run('vms', 'keys', 'remove', 'web', 'laptop')).code).toBe(66);
  });

  it('resizes it once it is stopped, and starts it again', async () => {
    const refused = await provider.run('vms', 'resize', 'web', '--memory', '2');
    expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining('VM_STATE_CONFLICT')]);

    expect(await text('vms', 'stop', 'web')).toContain('is stopped');
    expect(await json(Vm, 'vms', 'resize', 'web', '--memory', '2', '--storage', '12')).toMatchObject({
      status: 'stopped',
      memory_gb: 2,
      storage_gb: 12,
    });
    expect(await text('vms', 'start', 'web')).toContain('is running');
    expect((await text('vms', 'ssh', 'web', 'whoami')).trim()).toBe('ubuntu');
    // Nothing to be done is no error.
    expect(await json(Vm, 'vms', 'start', 'web')).toMatchObject({ status: 'running' });
  });

  it('lists what was done, the newest first, and shows one of it', async () => {
    const jobs = await json(z.array(Job), 'jobs');
    expect(jobs.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'start completed',
      'resize completed',
      'stop completed',
      'update_keys completed',
      'update_keys completed',
      'create ready',
    ]);
    const some = await provider.run('jobs', 'list', '--vm', 'web', '--limit', '1', '--json');
    expect([some.code, some.stderr]).toEqual([0, expect.stringContaining('There are older jobs')]);
    const [newest] = z.array(Job).parse(JSON.parse(some.stdout));
    expect(newest).toEqual(jobs[0]);
    expect(await json(z.array(Job), 'jobs', 'list', '--status', 'failed')).toEqual([]);
    expect(await json(Job, 'jobs', 'show', newest?.job_id ?? '')).toEqual(newest);
    expect(await text('jobs', 'show', newest?.job_id ?? '')).toMatch(/^ +\d+\.\d s {2}waiting for ssh$/m);
    expect(await text('jobs')).toMatch(/^JOB +OPERATION +VM +STATUS +PHASE +AGE +ERROR$/m);
  });

  it('follows a creation through a restart of the gateway', async () => {
    provider.freezeMultipass();
    const creation = provider.launch('vms', 'create', 'patient', '--json');
    await eventually(() => expect(creation.stderr()).toContain('queued'), STATE_LIMIT_MS);
    const before = await provider.pidOf('api-gateway');
    const [pending] = await json(z.array(Job), 'jobs', 'list', '--limit', '1');
    const watcher = provider.launch('jobs', 'watch', pending?.job_id ?? '', '--json');
    await eventually(() => expect(watcher.stderr()).toContain('queued'), STATE_LIMIT_MS);

    process.kill(before, 'SIGKILL');
    await eventually(async () => {
      expect(await provider.pidOf('api-gateway')).not.toBe(before);
      expect((await fetch(`${provider.baseUrl}/health`)).status).toBe(200);
    }, STATE_LIMIT_MS);
    provider.thawMultipass();

    const created = await creation.ended;
    expect([created.code, created.stderr]).toEqual([0, expect.stringContaining('done')]);
    expect(Vm.parse(JSON.parse(created.stdout)).status).toBe('running');
    const watched = await watcher.ended;
    expect([watched.code, Job.parse(JSON.parse(watched.stdout))]).toEqual([
      0,
      expect.objectContaining({ job_id: pending?.job_id, status: 'ready' }),
    ]);
  });

  it('leaves what nobody waits for, and tells whoever watches it that it was cancelled', async () => {
    const gone = await json(JobAccepted, 'vms', 'delete', 'patient', '--no-wait');
    expect((await provider.run('jobs', 'watch', gone.job_id)).code).toBe(0);

    provider.freezeMultipass();
    const creation = await json(JobAccepted, 'vms', 'create', 'doomed', '--no-wait');
    const watcher = provider.launch('jobs', 'watch', creation.job_id);
    await eventually(() => expect(watcher.stderr()).toContain('queued'), STATE_LIMIT_MS);
    const deletion = await json(JobAccepted, 'vms', 'delete', 'doomed', '--no-wait');
    provider.thawMultipass();

    const { code, stdout, stderr } = await watcher.ended;
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^status +cancelled$/m)]);
    expect(stderr).toContain(`create of ${creation.vm_id}`);
    expect((await provider.run('jobs', 'watch', deletion.job_id)).code).toBe(0);
    expect(await json(z.array(Job), 'jobs', 'list', '--vm', creation.vm_id)).toHaveLength(2);
  });

  it('recovers a VM whose machine was taken away by hand, as the operator decides', async () => {
    const { id, proxy_port: port } = await json(Vm, 'vms', 'create', 'sick');
    // What has no need of a person is left as it is, and keeps its data.
    expect(await text('vms', 'recover', 'sick', '--retry')).toBe(`${id} is running.\n`);
    expect((await provider.run('vms', 'recover', 'sick', '--recreate')).code).toBe(65);
    const throwAway = async (): Promise<void> => {
      await provider.multipass('delete', id);
      await eventually(
        async () => expect(await json(Vm, 'vms', 'show', 'sick')).toMatchObject({ status: 'error' }),
        STATE_LIMIT_MS,
      );
    };

    await text('vms', 'ssh', 'sick', 'touch', 'kept');
    await throwAway();
    expect(await text('vms', 'recover', 'sick', '--retry')).toBe(`${id} is running.\n`);
    expect(await text('vms', 'ssh', 'sick', 'ls')).toContain('kept');

    await throwAway();
    expect(await json(Vm, 'vms', 'recover', 'sick', '--recreate')).toMatchObject({
      status: 'running',
      proxy_port: port,
      error: null,
    });
    expect(await text('vms', 'ssh', 'sick', 'ls')).not.toContain('kept');
    expect(await text('vms', 'recover', 'sick', '--adopt')).toBe(`${id} is running.\n`);
    expect(await text('vms', 'recover', 'sick', '--delete')).toBe(`${id} is deleted.\n`);
  });

  it('takes no VM while it is drained', async () => {
    expect((await json(DrainState, 'drain')).draining).toBe(true);

    const refused = await provider.run('vms', 'create', 'late');
    expect([refused.code, refused.stderr]).toEqual([75, expect.stringContaining('DRAINING')]);
    expect(await text('vms', 'ssh', 'web', 'echo', 'served')).toBe('served\n');

    expect(await text('undrain')).toBe('New VMs are taken.\n');
  });

  it('finds nothing to be mended, and proves by a VM of its own that all works', async () => {
    const findings = await json(z.array(Finding), 'doctor');
    expect(findings.filter(({ verdict }) => verdict === 'problem')).toEqual([]);
    const before = await json(z.array(Vm), 'vms');

    const canary = await provider.run('doctor', '--canary');

    expect([canary.code, canary.stdout]).toEqual([0, expect.stringMatching(/^ok {4}canary +made, logged in to/m)]);
    expect((await json(z.array(Vm), 'vms')).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('deletes the VM, after which there is none', async () => {
    expect(await text('vms', 'delete', 'web')).toContain('is deleted');
    expect(await text('vms')).toBe('There are no VMs.\n');
  });

  it('has told every change, a line each, through the restart too, until it was ended', async () => {
    const told = (): StreamedEvent[] =>
      listener
        .stdout()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => StreamedEvent.parse(JSON.parse(line)));
    const statuses = (): string[] =>
      told().flatMap((event) => (event.type === 'vm' && event.vm_id.startsWith('golem-web-') ? [event.status] : []));
    await eventually(() => expect(statuses()).toContain('deleted'), STATE_LIMIT_MS);
    expect(statuses().filter((status, index, all) => status !== all[index - 1])).toEqual([
      'creating',
      'running',
      'stopping',
      'stopped',
      'starting',
      'running',
      'deleting',
      'deleted',
    ]);
    expect(told().some((event) => event.type === 'gap')).toBe(false);
    expect(listener.stderr()).toContain('the connection is lost');

    listener.child.kill('SIGINT');
    expect((await listener.ended).code).toBe(130);
  });

  it('says in a sentence what was wrong, and ends with the code for it', async () => {
    const ends = await Promise.all(WRONG_COMMANDS.map(async ([args]) => ({ args, ...(await provider.run(...args)) })));
    expect(ends.map(({ args, code }) => [args, code])).toEqual(WRONG_COMMANDS);
    for (const { stderr } of ends) {
      expect(stderr).not.toBe('');
      expect(stderr).not.toMatch(/^ {4}at /m);
    }
  });
});

describe('golem-provider over a provider that is stopped', () => {
  it('says so', async () => {
    await provider.stop();

    const commands = [['status'], ['vms'], ['jobs'], ['events'], ['drain'], ['doctor', '--canary']];
    const ends = await Promise.all(commands.map(async (args) => ({ args, ...(await provider.run(...args)) })));
    for (const { args, code, stderr } of ends) {
      expect([args, code, stderr]).toEqual([
        args,
        69,
        expect.stringMatching(/does not answer|needs a provider that runs/),
      ]);
    }
    const findings = await provider.run('doctor', '--json');
    expect(z.array(Finding).parse(JSON.parse(findings.stdout))[0]).toMatchObject({ name: 'provider', verdict: 'ok' });
  });
});
