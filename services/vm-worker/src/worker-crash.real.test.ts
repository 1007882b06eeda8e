import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import type { OperationId, VmId, VmRecord } from '@golem-provider/contracts';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import type { PowerState } from './hypervisor/hypervisor.ts';
import type { FaultPoint } from './reconcile/fault-points.ts';
import { plan } from './reconcile/plan.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 120_000;
const CAN = { separateStart: false, maxParallelStarts: 2, managementKey: false, movesTargets: true };

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 20, bootMs: 50, cloudInitMs: 20, shutdownMs: 20 });
  await emulator.startDaemon();
  bed = await createWorkerBed(server, emulator, process.env);
}, TIMEOUT_MS);
afterAll(async () => {
  await bed.dispose();
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);

/** A death before the first step of an operation, and one after each: the next one begins with the host as that left it. */
function pointsOf(vm: VmRecord, power: PowerState, powerCycle = false): FaultPoint[] {
  const forward =
    power === 'running' && vm.proxy_port !== null && vm.ssh_target !== null
      ? { vmId: vm.id, port: vm.proxy_port, target: vm.ssh_target }
      : undefined;
  const seen = { power, ipAddress: vm.ip_address, sshTarget: vm.ssh_target, forward };
  const steps = plan({ ...vm, powerCycle }, seen, CAN);
  expect(steps.length).toBeGreaterThan(1);
  return ['operation begins', ...steps.map((step) => `${step} ends` as const)];
}

/**
 * Kills one worker after the other, each at the next point, and lets the last one live until the operation has ended. A
 * worker that does not come to its point, as there is nothing to do for it any more, is that last one.
 */
async function survive(points: readonly FaultPoint[], id: OperationId): Promise<FaultPoint[]> {
  const reached: FaultPoint[] = [];
  for (const point of points) {
    const child = bed.spawn(point);
    const signal = await Promise.race([child.ended, bed.ended(id)]);
    if (signal !== 'SIGKILL') {
      await child.kill();
      break;
    }
    reached.push(point);
  }
  const last = bed.spawn();
  expect(await bed.ended(id)).toMatchObject({ status: 'completed', error: null });
  await last.kill();
  return reached;
}

describe('a worker that is killed at each step', () => {
  let id: VmId;
  let port: number | null;

  const expectReachable = async (): Promise<void> => {
    const signal = AbortSignal.timeout(10_000);
    expect(await readSshBanner('127.0.0.1', port ?? 0, { signal })).toMatch(/^SSH-2\.0-/);
  };
  const expectHeld = async (status: string, state: string): Promise<void> => {
    expect(await bed.records.listPendingOperations()).toEqual([]);
    expect(await bed.recordOf(id)).toMatchObject({ status, error: null, proxy_port: port });
    expect(await bed.instances()).toEqual({ [id]: state });
    expect([...(await bed.records.listReservations()).keys()]).toEqual([id]);
    expect(await readdir(bed.data.vms)).toEqual([id]);
  };
  const forwards = (): Promise<string[]> => readdir(`${bed.data.nginx}/vms`);

  it(
    'makes one machine all the same',
    async () => {
      await bed.start();
      await bed.stop();
      const { vmId, operationId } = await bed.create();
      id = vmId;
      const vm = await bed.recordOf(id);
      port = vm.proxy_port;

      const points = pointsOf(vm, 'absent');
      expect(await survive(points, operationId)).toEqual(points);

      await expectHeld('running', 'Running');
      expect(await forwards()).toEqual([`vm_${id}.conf`]);
      await expectReachable();
    },
    TIMEOUT_MS,
  );

  it.each([
    ['stop', 'running', 'stopped', 'Stopped'],
    ['start', 'stopped', 'running', 'Running'],
    ['restart', 'running', 'running', 'Running'],
  ] as const)(
    'brings a %s to its end all the same',
    async (kind, power, status, state) => {
      const operationId = await bed.change(id, kind);

      // A machine that comes up where it was needs no other forward, which the next worker finds out.
      const isKept = (point: FaultPoint): boolean => kind === 'restart' && point === 'forward_port ends';
      const points = pointsOf(await bed.recordOf(id), power, kind === 'restart').filter((point) => !isKept(point));
      expect(await survive(points, operationId)).toEqual(points);

      await expectHeld(status, state);
      expect(await forwards()).toEqual(status === 'running' ? [`vm_${id}.conf`] : []);
      if (status === 'running') await expectReachable();
    },
    TIMEOUT_MS,
  );

  it(
    'deletes without a trace all the same',
    async () => {
      const operationId = await bed.change(id, 'delete');

      const points = pointsOf(await bed.recordOf(id), 'running');
      expect(await survive(points, operationId)).toEqual(points);

      expect(await bed.instances()).toEqual({});
      expect(await bed.records.listVms()).toEqual([]);
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'makes one machine also when it dies while the guest boots',
    async () => {
      // Until it is told otherwise, the guest boots.
      await emulator.configure({ prepareMs: 300, bootMs: 20_000 });
      await bed.start();
      await bed.stop();
      const { vmId, operationId } = await bed.create();
      const first = bed.spawn();
      await eventually(async () => expect(await emulator.guestProcesses()).not.toEqual([]), TIMEOUT_MS);
      await first.kill();
      expect(await bed.records.getOperation(operationId)).toMatchObject({ status: 'active' });
      await emulator.configure({ bootMs: 50 });

      await survive([], operationId);

      expect(await bed.instances()).toEqual({ [vmId]: 'Running' });
      await survive([], await bed.change(vmId, 'delete'));
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );
});
