import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, ProviderEvent, redisNames, type VmRecord } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { takeSnapshot } from './testing/redis-snapshot.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 240_000;
const NAMES = redisNames(HostId.parse('local'));
const AUDIT = fileURLToPath(new URL('../dist/audit.js', import.meta.url));

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;
const AuditOutput = z.object({ findings: z.array(z.unknown()) });

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.startDaemon();
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);
beforeEach(async () => {
  await emulator.configure({ downloadMs: 0, prepareMs: 50, bootMs: 100, cloudInitMs: 50, shutdownMs: 50 });
  bed = await createWorkerBed(server, emulator, process.env);
});
afterEach(() => bed.dispose(), TIMEOUT_MS);

/** What the operator's program says, as scripts read it. */
async function runAuditProgram(): Promise<{ code: number | null; findings: unknown }> {
  const child = spawn(process.execPath, [AUDIT, '--json'], {
    env: bed.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  const { findings } = AuditOutput.parse(JSON.parse(output));
  return { code: child.exitCode, findings };
}

async function leaseBeat(): Promise<number> {
  return Number(await bed.redis.hget(NAMES.workerLease, 'beat'));
}

async function makeVms(count: number): Promise<VmRecord[]> {
  const accepted = [];
  for (let made = 0; made < count; made += 1) accepted.push(await bed.create());
  for (const { operationId } of accepted) await bed.ended(operationId);
  return Promise.all(accepted.map(({ vmId }) => bed.recordOf(vmId)));
}

async function deleteAll(): Promise<void> {
  const deletions = [];
  for (const { id } of await bed.records.listVms()) deletions.push(await bed.change(id, 'delete'));
  for (const deletion of deletions) await bed.ended(deletion);
}

/** A session through the public port that stays open. */
async function openSession(vm: VmRecord): Promise<Socket> {
  const socket = connect(vm.proxy_port ?? 0, '127.0.0.1');
  await once(socket, 'data');
  return socket;
}

describe('a worker whose Redis loses everything', () => {
  it(
    'has all VMs back with their ports and keys, keeps sessions, and brings what was under way to its end',
    async () => {
      await bed.start();
      const before = await makeVms(5);
      const [first, second, third] = before;
      if (first === undefined || second === undefined || third === undefined) throw new Error('too few VMs');
      const session = await openSession(first);
      // None of them can end under this tenure: what hangs ends with it.
      await emulator.configure({ bootMs: 20_000 });
      for (let fault = 0; fault < 2; fault += 1) await emulator.addFault({ command: 'exec', kind: 'hang' });
      const underWay = [
        (await bed.create()).operationId,
        await bed.change(second.id, 'restart'),
        await bed.change(third.id, 'stop'),
      ];
      for (const id of underWay) {
        await eventually(async () => expect(await bed.records.getOperation(id)).toMatchObject({ status: 'active' }));
      }
      // A manifest follows its record.
      await eventually(async () => {
        const texts = await Promise.all(
          (await bed.records.listVms()).map(({ id }) => readFile(join(bed.data.vm(id), 'manifest.json'), 'utf8')),
        );
        for (const id of underWay) expect(texts.some((text) => text.includes(id))).toBe(true);
      });
      await eventually(async () => expect(await emulator.pendingFaults()).toBe(0), TIMEOUT_MS);

      await bed.redis.flushall();

      await eventually(async () => expect(await bed.redis.exists(NAMES.workerLease)).toBe(1), TIMEOUT_MS);
      await emulator.configure({ bootMs: 100 });
      const ends = await Promise.all(underWay.map((id) => bed.ended(id)));
      expect(ends.map(({ status, error }) => [status, error])).toEqual(underWay.map(() => ['completed', null]));
      expect(await bed.records.listVms()).toHaveLength(6);
      for (const vm of before) {
        const { proxy_port, keys } = vm;
        const desired = vm.id === third.id ? 'stopped' : 'running';
        await eventually(async () =>
          expect(await bed.recordOf(vm.id)).toMatchObject({ proxy_port, keys, desired, status: desired }),
        );
      }
      const reservations = await bed.records.listReservations();
      expect([...reservations.keys()].sort()).toEqual((await bed.records.listVms()).map(({ id }) => id).sort());
      expect(await bed.audit()).toEqual([]);
      expect(session.closed).toBe(false);
      session.destroy();
      await deleteAll();
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'does not undo a deletion that was under way',
    async () => {
      await bed.start();
      const [vm] = await makeVms(1);
      if (vm === undefined) throw new Error('no VM');
      await emulator.addFault({ command: 'delete', kind: 'hang' });
      const deletion = await bed.change(vm.id, 'delete');
      await eventually(async () => {
        expect(await readFile(join(bed.data.vm(vm.id), 'manifest.json'), 'utf8')).toContain(deletion);
      });
      await eventually(async () => expect(await emulator.pendingFaults()).toBe(0), TIMEOUT_MS);

      await bed.redis.flushall();

      await eventually(async () => expect(await emulator.guestProcesses()).toEqual([]), TIMEOUT_MS);
      await eventually(async () => {
        expect(await bed.records.getVm(vm.id)).toBeUndefined();
        await bed.expectNothingHeld();
      }, TIMEOUT_MS);
    },
    TIMEOUT_MS,
  );

  it(
    'goes by its manifests where Redis comes back with older records',
    async () => {
      await bed.start();
      const [stopped, gone] = await makeVms(2);
      if (stopped === undefined || gone === undefined) throw new Error('too few VMs');
      const putBack = await takeSnapshot(bed.redis);
      const beat = await leaseBeat();
      await bed.ended(await bed.change(stopped.id, 'stop'));
      const [later] = await makeVms(1);
      if (later === undefined) throw new Error('no VM');
      const generation = (await bed.recordOf(stopped.id)).generation;
      // By a beat that is missing a worker sees at once that data are older; without one, at its next look.
      await eventually(async () => expect(await leaseBeat()).toBeGreaterThan(beat));

      await putBack();

      await eventually(async () => {
        expect(await bed.recordOf(stopped.id)).toMatchObject({ desired: 'stopped', status: 'stopped', generation });
        expect(await bed.recordOf(later.id)).toMatchObject({
          status: 'running',
          proxy_port: later.proxy_port,
          keys: later.keys,
        });
      }, TIMEOUT_MS);
      expect((await bed.records.listReservations()).size).toBe(3);
      await eventually(async () => expect(await bed.redis.exists(NAMES.reportFresh('worker'))).toBe(1), TIMEOUT_MS);
      await deleteAll();
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'sets a manifest aside that cannot be trusted, and writes it anew from the record',
    async () => {
      await bed.start();
      const [vm] = await makeVms(1);
      if (vm === undefined) throw new Error('no VM');
      await bed.stop();
      const path = join(bed.data.vm(vm.id), 'manifest.json');
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.slice(0, 100));

      await bed.start();

      await eventually(async () => expect(await readFile(`${path}.bad`, 'utf8')).toBe(text.slice(0, 100)));
      await eventually(async () => expect(await readFile(path, 'utf8')).toContain('"revision"'));
      expect(await runAuditProgram()).toMatchObject({ code: 1, findings: [{ kind: 'manifest_bad', vm_id: vm.id }] });
      await rm(`${path}.bad`);
      expect(await runAuditProgram()).toEqual({ code: 0, findings: [] });
      await deleteAll();
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});

describe('a worker after a reboot of the host', () => {
  it(
    'starts the VMs that should run, the youngest last',
    async () => {
      await bed.dispose();
      // Of several that boot at once, any may be the first that is up.
      bed = await createWorkerBed(server, emulator, process.env, { tuning: { launchSlots: 1 } });
      await bed.start();
      const vms = await makeVms(4);
      const [off, ...on] = vms.map(({ id }) => id);
      if (off === undefined) throw new Error('no VM');
      await bed.ended(await bed.change(off, 'stop'));
      await bed.stop();
      for (const id of on) await promisify(execFile)(emulator.program, ['stop', id]);
      await eventually(async () => expect(await emulator.guestProcesses()).toEqual([]));
      const [last] = await bed.redis.xrevrange(NAMES.events, '+', '-', 'COUNT', 1);

      await bed.start();

      const started = await eventually(async () => {
        const entries = await bed.redis.xrange(NAMES.events, `(${last?.[0] ?? '0'}`, '+');
        const events = entries.map(([, [, json]]) => ProviderEvent.parse(JSON.parse(json ?? '')));
        const ids = events.flatMap((event) => (event.type === 'vm' && event.status === 'running' ? [event.vm_id] : []));
        expect(ids).toHaveLength(on.length);
        return ids;
      }, TIMEOUT_MS);
      expect(started).toEqual(on);
      expect(await bed.recordOf(off)).toMatchObject({ status: 'stopped' });
      await deleteAll();
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});
