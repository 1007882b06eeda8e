import type { VmId } from '@golem-provider/contracts';
import { createLogger, isAppError, systemClock } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCommandRunner } from '../../exec/command-runner.ts';
import type { Hypervisor, InstanceSpec } from '../hypervisor.ts';
import { MULTIPASS_DEFAULT_IMAGE, MULTIPASS_IMAGES } from './multipass-images.ts';
import { createMultipassHypervisor } from './multipass-hypervisor.ts';
import type { EmulatedCall } from './testing/emulated-calls.ts';
import { type MultipassFixture, multipassFixture } from './testing/multipass-fixture.ts';

const MINUTE_MS = 60_000;
const TEST_TIMEOUT_MS = 3 * MINUTE_MS;
const LONG_MS = 600_000;

/** Calls that log in to guests: every running one, or the one that is named. */
const doesLogIn = ({ argv }: EmulatedCall): boolean =>
  (argv[0] === 'info' && !argv.includes('--no-runtime-information')) ||
  (argv[0] === 'list' && !argv.includes('--no-ipv4')) ||
  argv[0] === 'exec';

describe('the Multipass driver', () => {
  let fixture: MultipassFixture;
  let spec: InstanceSpec;

  const codeOf = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'none',
      (error: unknown) => (isAppError(error) ? error.code : String(error)),
    );
  const create = (): Promise<void> => fixture.hypervisor.create(spec, fixture.context());
  const powerOf = async (driver: Hypervisor, id: VmId): Promise<string> =>
    (await driver.observe(id, fixture.context())).power;
  const untilState = (state: string): Promise<void> =>
    eventually(async () => {
      expect(await fixture.multipass('list', '--format', 'csv', '--no-ipv4')).toContain(`\n${spec.id},${state},`);
    });
  const commands = async (verb: string): Promise<readonly EmulatedCall[]> =>
    (await fixture.emulator.calls()).filter(({ argv }) => argv[0] === verb);

  beforeEach(async () => {
    fixture = await multipassFixture(process.env);
    spec = fixture.newSpec();
  }, TEST_TIMEOUT_MS);

  afterEach(() => fixture.dispose(), TEST_TIMEOUT_MS);

  it(
    'logs in to no guest that boots, where a login may wedge Multipass for ever, and once to one that runs',
    async () => {
      const { emulator, hypervisor, context } = fixture;
      await emulator.configure({ doLoginsWedge: true, prepareMs: 200, bootMs: 500, cloudInitMs: 500 });
      let isOver = false;
      const creating = create().finally(() => (isOver = true));
      // As the resync and requestors look meanwhile.
      while (!isOver) {
        await hypervisor.observe(spec.id, context());
        await hypervisor.list(context());
      }
      await creating;
      for (let look = 0; look < 3; look += 1) {
        expect((await hypervisor.list(context())).get(spec.id)?.sshTarget).not.toBeNull();
      }
      const [launch, ...others] = await commands('launch');
      expect(launch).toMatchObject({ exitCode: 0 });
      expect(others).toEqual([]);
      const logins = (await emulator.calls()).filter(doesLogIn);
      expect(logins.map(({ argv }) => argv.join(' '))).toEqual([`info ${spec.id} --format json`]);
      for (const { beganAt } of logins) expect(beganAt).toBeGreaterThanOrEqual(launch?.endedAt ?? Infinity);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'never asks Multipass for a graceful stop, behind which everything waits',
    async () => {
      const { hypervisor, context, emulator } = fixture;
      await create();
      await hypervisor.stop(spec.id, { force: false }, context());
      await hypervisor.start(spec.id, context());
      await hypervisor.stop(spec.id, { force: true }, context());
      await hypervisor.delete(spec.id, context());
      const stops = [...(await commands('stop')), ...(await commands('delete')), ...(await commands('restart'))];
      expect(stops.map(({ argv }) => argv.join(' '))).toEqual([`stop --force ${spec.id}`, `delete --purge ${spec.id}`]);
      await eventually(async () => expect(await emulator.guestProcesses()).toEqual([]));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'does not believe a start that exits with 0 although the machine was switched off under it',
    async () => {
      const { emulator, hypervisor, context, multipass } = fixture;
      await create();
      await hypervisor.stop(spec.id, { force: true }, context());
      await emulator.configure({ bootMs: LONG_MS });
      const starting = hypervisor.start(spec.id, context());
      await untilState('Starting');
      await multipass('stop', '--force', spec.id);
      await eventually(async () => expect(await commands('start')).toHaveLength(2));
      await emulator.configure({ bootMs: 50 });
      await starting;
      expect(await powerOf(hypervisor, spec.id)).toBe('running');
      expect((await commands('start')).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'does not believe a stop that exits with 0 and leaves the machine as it was',
    async () => {
      const { emulator, hypervisor, context } = fixture;
      await emulator.configure({ bootMs: LONG_MS });
      const caller = new AbortController();
      const creating = hypervisor.create(spec, { signal: caller.signal });
      await untilState('Unknown');
      // The daemon goes on with the launch, and the first forced stop under it changes nothing but what has power.
      caller.abort(new Error('stopped'));
      await expect(creating).rejects.toThrow('stopped');
      await hypervisor.stop(spec.id, { force: true }, context());
      expect(await powerOf(hypervisor, spec.id)).toBe('stopped');
      const stops = await commands('stop');
      expect(stops.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes a machine whose guest reboots, of which info fails, for one that runs and cannot be reached',
    async () => {
      const { emulator, multipass, again, context } = fixture;
      await create();
      await emulator.configure({ bootMs: LONG_MS });
      // The reboot may end the session before the session has told how the command ended.
      await multipass('exec', spec.id, '--', 'sudo', 'reboot').catch(() => '');
      const driver = again();
      await eventually(async () => {
        const seen = await again().observe(spec.id, context());
        expect(seen).toEqual({ power: 'running', ipAddress: null, sshTarget: null });
      });
      expect((await driver.list(context())).get(spec.id)).toMatchObject({ power: 'running', sshTarget: null });
      expect((await commands('info')).at(-1)?.exitCode).toBe(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'knows nothing of a delete whose client was killed, and the machine is gone when the daemon gets to it',
    async () => {
      const { emulator, hypervisor, context, multipass } = fixture;
      await create();
      const before = (await commands('info')).length;
      let blocked: Promise<string> | undefined;
      const driver = fixture.again({
        async beforeCommand({ args: [verb] }) {
          if (verb !== 'delete') return;
          await emulator.freezeGuest(spec.id);
          blocked = multipass('info', spec.id, '--format', 'json').then(
            () => 'answered',
            () => 'failed',
          );
          await eventually(async () =>
            expect((await commands('info'))[before]?.receivedAt).toEqual(expect.any(Number)),
          );
        },
      });
      const caller = new AbortController();
      const deleting = driver.delete(spec.id, { signal: caller.signal });
      await eventually(async () => expect((await commands('delete'))[0]?.receivedAt).toEqual(expect.any(Number)));
      caller.abort(new Error('given up'));
      await expect(deleting).rejects.toThrow('given up');
      expect(await codeOf(hypervisor.observe(spec.id, context()))).toBe('HYPERVISOR_UNAVAILABLE');
      expect((await commands('delete')).map(({ exitCode }) => exitCode)).toEqual([null]);
      await emulator.thawGuest(spec.id);
      await blocked;
      await eventually(async () => expect(await powerOf(hypervisor, spec.id)).toBe('absent'));
      await hypervisor.delete(spec.id, context());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes machines that a stopped daemon has suspended for running ones once it is back, and those of a crash too',
    async () => {
      const { emulator, hypervisor, context } = fixture;
      await create();
      await emulator.stopDaemon();
      expect(await codeOf(hypervisor.observe(spec.id, context()))).toBe('HYPERVISOR_UNAVAILABLE');
      await emulator.startDaemon();
      await eventually(async () => expect(await powerOf(hypervisor, spec.id)).toBe('running'));
      await emulator.killDaemon();
      await emulator.startDaemon();
      await hypervisor.start(spec.id, context());
      expect(await powerOf(hypervisor, spec.id)).toBe('running');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused under another home, which is an outage and not an empty host',
    async () => {
      await create();
      const stranger = createMultipassHypervisor({
        run: createCommandRunner({ ...process.env, HOME: fixture.emulator.directory }),
        program: fixture.emulator.program,
        images: MULTIPASS_IMAGES,
        defaultImage: MULTIPASS_DEFAULT_IMAGE,
        clock: systemClock,
        logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
        timing: { launchMs: MINUTE_MS },
      });
      expect(await codeOf(stranger.list(fixture.context()))).toBe('HYPERVISOR_UNAVAILABLE');
      expect(await codeOf(stranger.probe(fixture.context()))).toBe('HYPERVISOR_UNAVAILABLE');
      expect(await codeOf(stranger.delete(spec.id, fixture.context()))).toBe('HYPERVISOR_UNAVAILABLE');
      expect(await powerOf(fixture.hypervisor, spec.id)).toBe('running');
    },
    TEST_TIMEOUT_MS,
  );
});
