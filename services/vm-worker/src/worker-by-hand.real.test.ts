import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { VmId, VmRecord } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createShiftableClock, type ShiftableClock } from './testing/shiftable-clock.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 180_000;
/** For a state to be reached; less than a test has, so that it says what was there instead. */
const STATE_MS = 40_000;
const MINUTE_MS = 60_000;
const QUICK = { downloadMs: 0, prepareMs: 20, bootMs: 100, cloudInitMs: 20, shutdownMs: 50, waitLimitMs: 60_000 };

let server: RedisServer;
let emulator: MultipassEmulator;
let clock: ShiftableClock;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure(QUICK);
  await emulator.startDaemon();
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);
beforeEach(async () => {
  clock = createShiftableClock();
  const tuning = { clock, resync: { intervalMs: 200, unhealthyIntervalMs: 200 }, multipass: { settleMs: 500 } };
  bed = await createWorkerBed(server, emulator, process.env, { tuning });
});
afterEach(async () => {
  await bed.dispose();
  for (const name of Object.keys(await bed.instances())) await bed.byHand('delete', '--purge', name);
  await emulator.configure({ ...QUICK, doAddressesChange: false, doGuestsAnswer: true });
}, TIMEOUT_MS);

async function runningVm(): Promise<VmRecord> {
  await bed.start();
  const { vmId, operationId } = await bed.create();
  expect(await bed.ended(operationId)).toMatchObject({ status: 'completed' });
  return bed.recordOf(vmId);
}

/** The record, once it looks so. */
const shows = (id: VmId, shown: object): Promise<void> =>
  eventually(async () => expect(await bed.recordOf(id)).toMatchObject(shown), STATE_MS);

async function expectReachable({ proxy_port: port }: VmRecord): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  expect(await readSshBanner('127.0.0.1', port ?? 0, { signal })).toMatch(/^SSH-2\.0-/);
}

/** Every status and every error with which a VM was shown, as those who follow the events saw them. */
async function story(id: VmId): Promise<string[]> {
  const events = await bed.events();
  return events.flatMap((event) =>
    event.type === 'vm' && event.vm_id === id ? [[event.status, event.error?.message ?? ''].join(': ')] : [],
  );
}

describe('a machine that somebody changes by hand', () => {
  it.each([
    ['stopped', 'stop', 'starting: The machine was found off'],
    ['suspended', 'suspend', 'starting: The machine was found suspended'],
  ])(
    'is started again when it was %s and should run, and says so',
    async (_, command, told) => {
      const vm = await runningVm();

      await bed.byHand(command, vm.id);

      await eventually(async () => expect((await story(vm.id)).join('\n')).toContain(told), STATE_MS);
      await shows(vm.id, { status: 'running', error: null });
      expect(await bed.instances()).toEqual({ [vm.id]: 'Running' });
      await expectReachable(vm);
    },
    TIMEOUT_MS,
  );

  it(
    'is stopped again when it was started and should be off',
    async () => {
      const { id } = await runningVm();
      await bed.ended(await bed.change(id, 'stop'));

      await bed.byHand('start', id);

      await eventually(async () => expect(await bed.instances()).toEqual({ [id]: 'Stopped' }), STATE_MS);
      await shows(id, { status: 'stopped', error: null });
    },
    TIMEOUT_MS,
  );

  it(
    'is left in the wastebasket until somebody starts it',
    async () => {
      const vm = await runningVm();

      await bed.byHand('delete', vm.id);

      const message = expect.stringContaining('start the VM to do so');
      await shows(vm.id, { status: 'error', error: { code: 'VM_INTERRUPTED', message } });
      expect(await bed.instances()).toEqual({ [vm.id]: 'Deleted' });
      expect(await bed.ended(await bed.change(vm.id, 'start'))).toMatchObject({ status: 'completed' });
      expect(await bed.recordOf(vm.id)).toMatchObject({ status: 'running', error: null });
      await expectReachable(vm);
    },
    TIMEOUT_MS,
  );

  it(
    'is lost only after minutes in which it was not listed, is never made anew, and can be deleted',
    async () => {
      const { id, proxy_port } = await runningVm();

      await bed.byHand('delete', '--purge', id);

      await shows(id, { status: 'unknown', error: { code: 'VM_INTERRUPTED' } });
      for (let minute = 1; minute <= 3; minute += 1) {
        clock.shift({ elapsedMs: MINUTE_MS });
        await bed.anotherLook();
        expect(await bed.recordOf(id)).toMatchObject({ status: 'unknown' });
      }
      clock.shift({ elapsedMs: MINUTE_MS });
      await shows(id, { status: 'error', error: { code: 'VM_LOST' }, proxy_port });

      for (const kind of ['start', 'restart', 'stop'] as const) {
        expect(await bed.ended(await bed.change(id, kind))).toMatchObject({
          status: 'failed',
          error: { code: 'VM_INTERRUPTED', message: expect.stringContaining('does not list the machine') },
        });
      }
      expect(await bed.instances()).toEqual({});
      expect(await bed.ended(await bed.change(id, 'delete'))).toMatchObject({ status: 'completed' });
      await bed.expectNothingHeld();
    },
    TIMEOUT_MS,
  );

  it(
    'is shown as unknown while it hangs in its boot, and a restart brings it back',
    async () => {
      const vm = await runningVm();
      await emulator.configure({ doGuestsAnswer: false, waitLimitMs: 200 });
      await bed.byHand('stop', '--force', vm.id);
      await bed.byHand('start', vm.id).catch(() => undefined);
      await eventually(async () => expect(await bed.instances()).toEqual({ [vm.id]: 'Unknown' }), STATE_MS);
      await shows(vm.id, { error: { code: 'VM_INTERRUPTED' } });

      await emulator.configure({ doGuestsAnswer: true, waitLimitMs: 60_000 });
      expect(await bed.ended(await bed.change(vm.id, 'restart'))).toMatchObject({ status: 'completed' });

      expect(await bed.recordOf(vm.id)).toMatchObject({ status: 'running', error: null });
      await expectReachable(vm);
    },
    TIMEOUT_MS,
  );
});

async function restartByApi({ id }: VmRecord): Promise<void> {
  await bed.ended(await bed.change(id, 'restart'));
}

async function restartByHand({ id }: VmRecord): Promise<void> {
  await bed.byHand('stop', id);
  await bed.byHand('start', id);
}

async function rebootFromWithin({ id }: VmRecord): Promise<void> {
  // The guest may have gone down before it could tell how the command ended.
  await bed.byHand('exec', id, '--', 'sudo', 'reboot').catch(() => undefined);
}

describe('a guest that comes back with another address', () => {
  it.each([
    ['a restart over the API', restartByApi],
    ['a stop and a start by hand', restartByHand],
    ['a reboot from within', rebootFromWithin],
  ] as const)(
    'is reached through the same port after %s',
    async (_, restart) => {
      // Nothing but the watch is to notice it.
      await bed.dispose();
      bed = await createWorkerBed(server, emulator, process.env);
      const vm = await runningVm();
      await emulator.configure({ doAddressesChange: true, bootMs: 1000 });

      await restart(vm);

      await eventually(async () => {
        const now = await bed.recordOf(vm.id);
        expect(now).toMatchObject({ status: 'running', error: null, proxy_port: vm.proxy_port });
        expect(now.ip_address).not.toBe(vm.ip_address);
        await expectReachable(now);
      }, STATE_MS);
    },
    TIMEOUT_MS,
  );
});
