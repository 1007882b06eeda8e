import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, redisNames, type VmId } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 240_000;
const NAMES = redisNames(HostId.parse('local'));
const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;
const processes: ChildProcess[] = [];

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
afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await bed.dispose();
}, TIMEOUT_MS);

/** A worker in a process of its own, which can be paused and killed. */
function startProcess(): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM], { env: bed.environment, stdio: 'ignore' });
  processes.push(child);
  return child;
}

async function leaseHolder(): Promise<string> {
  return (await bed.redis.hget(NAMES.workerLease, 'holder')) ?? '';
}

/** Resolves when that process acts for the host and has said so. */
async function untilActing(pid: number | undefined): Promise<void> {
  await eventually(async () => {
    expect(await leaseHolder()).toContain(`:${pid}:`);
    expect(JSON.parse((await bed.redis.get(NAMES.report('worker'))) ?? '{}')).toMatchObject({ pid, healthy: true });
  }, TIMEOUT_MS);
}

describe('two workers for one host', () => {
  const isReachable = async (id: VmId): Promise<void> => {
    const { proxy_port: port } = await bed.recordOf(id);
    await readSshBanner('127.0.0.1', port ?? 0, { signal: AbortSignal.timeout(10_000) });
  };

  it(
    'the second stands by, and takes over as soon as the first is stopped or killed',
    async () => {
      const first = startProcess();
      await untilActing(first.pid);
      const second = startProcess();
      const { vmId, operationId } = await bed.create();
      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed' });
      expect(await leaseHolder()).toContain(`:${first.pid}:`);

      first.kill('SIGTERM');
      await untilActing(second.pid);
      await eventually(() => expect(first.exitCode).toBe(0));
      const third = startProcess();
      second.kill('SIGKILL');
      // Long before the lease has run out.
      await untilActing(third.pid);

      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'one that was paused in the midst of a creation finds its lease taken, and changes nothing any more',
    async () => {
      // Until it is told otherwise, the guest boots.
      await emulator.configure({ bootMs: 20_000 });
      const paused = startProcess();
      await untilActing(paused.pid);
      // It stands by.
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await eventually(async () => expect(await emulator.guestProcesses()).not.toEqual([]), TIMEOUT_MS);
      paused.kill('SIGSTOP');
      // As if the time of its lease had passed.
      await bed.redis.del(NAMES.workerLease);

      await eventually(async () => expect(await leaseHolder()).toContain(`:${process.pid}:`), TIMEOUT_MS);
      await emulator.configure({ bootMs: 100 });
      expect(await bed.ended(operationId)).toMatchObject({ status: 'completed', error: null });
      const token = await bed.redis.hget(NAMES.workerLease, 'token');
      const before = await bed.recordOf(vmId);
      paused.kill('SIGCONT');
      await bed.ended(await bed.change(vmId, 'restart'));

      expect(await leaseHolder()).toContain(`:${process.pid}:`);
      expect(await bed.redis.hget(NAMES.workerLease, 'token')).toBe(token);
      expect(await bed.recordOf(vmId)).toMatchObject({ proxy_port: before.proxy_port, status: 'running' });
      await isReachable(vmId);
      // It has not ended, it stands by.
      await bed.stop();
      await untilActing(paused.pid);
      await isReachable(vmId);
      await bed.ended(await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});
