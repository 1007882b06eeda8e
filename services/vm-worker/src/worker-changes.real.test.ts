import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type SshKey, type VmId, VmSpec } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { createCommandRunner } from './exec/command-runner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { makeSshKeyPair } from './keys/ssh-key-pair.ts';
import { createWorkerBed, FIRST_LOOK_ALONE, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 120_000;
const LAPTOP = makeSshKeyPair('me@laptop');
const PHONE = makeSshKeyPair('me@phone');
const REFUSED = 255;

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 50, bootMs: 100, cloudInitMs: 50, shutdownMs: 50 });
  await emulator.startDaemon();
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);
beforeEach(async () => {
  bed = await createWorkerBed(server, emulator, process.env, { tuning: FIRST_LOOK_ALONE });
  await bed.start();
});
afterEach(() => bed.dispose(), TIMEOUT_MS);

async function multipass(...args: string[]): Promise<string> {
  const run = createCommandRunner(process.env);
  const command = { program: emulator.program, args, timeoutMs: TIMEOUT_MS };
  const { exitCode, stdout, stderr } = await run(command, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (exitCode !== 0) throw new Error(`multipass ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return stdout.trim();
}
async function newVm(): Promise<VmId> {
  const { vmId, operationId } = await bed.create();
  expect(await bed.ended(operationId)).toMatchObject({ status: 'completed' });
  return vmId;
}
async function remove(id: VmId): Promise<void> {
  await bed.ended(await bed.change(id, 'delete'));
  await bed.expectNothingHeld();
}

describe('keys beside the first one', () => {
  const add =
    (name: string, { publicKey: key }: typeof LAPTOP) =>
    (keys: readonly SshKey[]): SshKey[] => [...keys, { name, key, state: 'adding' }];
  const withdraw =
    (name: string) =>
    (keys: readonly SshKey[]): SshKey[] =>
      keys.map((key) => (key.name === name ? { ...key, state: 'removing' } : key));
  const loginCode = async (id: VmId, { privateKey }: typeof LAPTOP): Promise<number> =>
    (await bed.login(id, privateKey, 'true')).exitCode;

  it(
    'log in from the moment that they are there until they are withdrawn, and beside what the user put there',
    async () => {
      const id = await newVm();
      expect(await loginCode(id, LAPTOP)).toBe(REFUSED);

      expect(await bed.ended(await bed.changeKeys(id, add('laptop', LAPTOP)))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(id)).toMatchObject({
        status: 'running',
        ssh_keys: [{ name: 'laptop', state: 'active' }],
      });
      const own = `from="127.0.0.0/8" ${PHONE.publicKey}`;
      const write = `printf %s '${own}' >> .ssh/authorized_keys`;
      expect(await bed.login(id, LAPTOP.privateKey, write)).toMatchObject({ exitCode: 0 });
      expect(await loginCode(id, PHONE)).toBe(0);

      expect(await bed.ended(await bed.changeKeys(id, withdraw('laptop')))).toMatchObject({ status: 'completed' });
      expect((await bed.recordOf(id)).ssh_keys).toEqual([]);
      expect(await loginCode(id, LAPTOP)).toBe(REFUSED);
      expect(await loginCode(id, PHONE)).toBe(0);
      await remove(id);
    },
    TIMEOUT_MS,
  );

  it(
    'come into a machine that is made anew, and of two changes at once both take place',
    async () => {
      const id = await newVm();
      const changes = [await bed.changeKeys(id, add('laptop', LAPTOP)), await bed.changeKeys(id, add('phone', PHONE))];
      for (const change of changes) expect(await bed.ended(change)).toMatchObject({ status: 'completed' });
      for (const pair of [LAPTOP, PHONE]) expect(await loginCode(id, pair)).toBe(0);
      await bed.ended(await bed.changeKeys(id, withdraw('phone')));

      await multipass('delete', '--purge', id);
      expect(await bed.ended(await bed.change(id, 'recreate'))).toMatchObject({ status: 'completed' });

      expect(await loginCode(id, LAPTOP)).toBe(0);
      expect(await loginCode(id, PHONE)).toBe(REFUSED);
      await remove(id);
    },
    TIMEOUT_MS,
  );

  it(
    'leave the VM as it is where the guest does not take them, and are brought in by the next look',
    async () => {
      const id = await newVm();
      const text = "exec failed: ssh connection failed: 'Connection refused'\n";
      await emulator.addFault({ command: 'exec', kind: 'refuse', exitCode: 2, text });

      const change = await bed.changeKeys(id, add('laptop', LAPTOP));

      expect(await bed.ended(change)).toMatchObject({ status: 'failed', error: { code: 'GUEST_UNREACHABLE' } });
      expect(await bed.recordOf(id)).toMatchObject({
        status: 'running',
        error: { code: 'GUEST_UNREACHABLE' },
        ssh_keys: [{ name: 'laptop', state: 'adding' }],
      });
      await bed.stop();
      await bed.start();
      await eventually(
        async () =>
          expect(await bed.recordOf(id)).toMatchObject({
            status: 'running',
            error: null,
            ssh_keys: [{ state: 'active' }],
          }),
        TIMEOUT_MS,
      );
      expect(await loginCode(id, LAPTOP)).toBe(0);
      await remove(id);
    },
    TIMEOUT_MS,
  );
});

describe('a resize', () => {
  const LARGER = { cpu_cores: 2, memory_gb: 3, storage_gb: 12 };
  const sizeOf = async (id: VmId): Promise<string[]> => {
    const texts: string[] = [];
    for (const property of ['cpus', 'memory', 'disk']) texts.push(await multipass('get', `local.${id}.${property}`));
    return texts;
  };
  const held = async (id: VmId): Promise<VmSpec> => VmSpec.parse((await bed.records.listReservations()).get(id));
  const stoppedVm = async (): Promise<VmId> => {
    const id = await newVm();
    await bed.ended(await bed.change(id, 'stop'));
    return id;
  };

  it(
    'gives the machine, the record and the reservation the same, and the VM starts with it',
    async () => {
      const id = await stoppedVm();

      expect(await bed.ended(await bed.resize(id, LARGER))).toMatchObject({ status: 'completed', error: null });

      expect(await sizeOf(id)).toEqual(['2', '3.0GiB', '12.0GiB']);
      expect(await bed.recordOf(id)).toMatchObject({ spec: LARGER, resize: null, status: 'stopped' });
      expect(await held(id)).toEqual(LARGER);
      expect(await bed.ended(await bed.change(id, 'start'))).toMatchObject({ status: 'completed' });
      await remove(id);
    },
    TIMEOUT_MS,
  );

  it(
    'that failed for good leaves them agreeing on what the machine has',
    async () => {
      const id = await stoppedVm();
      await emulator.addFault({ command: 'set', kind: 'slow', ms: 0 });
      // The first of the three properties is set, the second never.
      const text = `set failed: Invalid setting 'local.${id}.memory=3G': Memory less than 128M minimum not allowed\n`;
      await emulator.addFault({ command: 'set', kind: 'refuse', exitCode: 2, text });

      expect(await bed.ended(await bed.resize(id, LARGER))).toMatchObject({
        status: 'failed',
        error: { code: 'HYPERVISOR_FAILED' },
      });

      const left = { cpu_cores: 2, memory_gb: 1, storage_gb: 10 };
      expect(await sizeOf(id)).toEqual(['2', '1.0GiB', '10.0GiB']);
      expect(await bed.recordOf(id)).toMatchObject({ spec: left, resize: null, status: 'stopped' });
      expect(await held(id)).toEqual(left);
      await remove(id);
    },
    TIMEOUT_MS,
  );

  it(
    'in whose midst the worker was stopped comes to its end',
    async () => {
      const id = await stoppedVm();
      await emulator.addFault({ command: 'set', kind: 'slow', ms: 0 });
      await emulator.addFault({ command: 'set', kind: 'hang' });
      const operation = await bed.resize(id, LARGER);
      await eventually(async () => expect(await emulator.pendingFaults()).toBe(0), TIMEOUT_MS);
      await bed.stop();
      expect(await sizeOf(id)).toEqual(['2', '1.0GiB', '10.0GiB']);
      expect(await held(id)).toEqual(LARGER);

      await bed.start();

      expect(await bed.ended(operation)).toMatchObject({ status: 'completed', error: null });
      expect(await sizeOf(id)).toEqual(['2', '3.0GiB', '12.0GiB']);
      expect(await bed.recordOf(id)).toMatchObject({ spec: LARGER, resize: null });
      expect(await held(id)).toEqual(LARGER);
      await remove(id);
    },
    TIMEOUT_MS,
  );

  it(
    'is overtaken by a delete',
    async () => {
      const id = await stoppedVm();
      await emulator.addFault({ command: 'set', kind: 'hang' });
      const operation = await bed.resize(id, LARGER);
      await eventually(async () => expect(await emulator.pendingFaults()).toBe(0), TIMEOUT_MS);

      await remove(id);

      expect(await bed.ended(operation)).toMatchObject({ status: 'cancelled' });
    },
    TIMEOUT_MS,
  );
});
