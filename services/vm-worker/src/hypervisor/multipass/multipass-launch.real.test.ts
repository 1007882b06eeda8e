import type { VmId } from '@golem-provider/contracts';
import { isAppError } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CallProgress, Observation } from '../hypervisor.ts';
import { type MultipassFixture, multipassFixture } from './testing/multipass-fixture.ts';

const MINUTE_MS = 60_000;
const TEST_TIMEOUT_MS = 3 * MINUTE_MS;
/** Added to any `--timeout`, it lets the daemon give up a guest as soon as that has been switched on. */
const NO_PATIENCE_MS = -MINUTE_MS;

describe('a launch by the Multipass driver', () => {
  let fixture: MultipassFixture | undefined;

  const setUp = async (timing?: Parameters<typeof multipassFixture>[1]): Promise<MultipassFixture> =>
    (fixture = await multipassFixture(process.env, timing));
  const observe = ({ hypervisor, context }: MultipassFixture, id: VmId): Promise<Observation> =>
    hypervisor.observe(id, context());
  const failureOf = async (call: Promise<unknown>): Promise<{ code: string; retryable: boolean }> =>
    call.then(
      () => ({ code: 'none', retryable: false }),
      (error: unknown) =>
        isAppError(error)
          ? { code: error.code, retryable: error.retryable }
          : { code: String(error), retryable: false },
    );
  /** The instances that there are, with their states, as the operator sees them. */
  const instances = async ({ multipass }: MultipassFixture): Promise<string[]> =>
    (await multipass('list', '--format', 'csv', '--no-ipv4'))
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => line.split(',').slice(0, 2).join(' '));

  /** Resolves when Multipass has refused a launch. */
  const untilRefused = ({ emulator }: MultipassFixture): Promise<void> =>
    eventually(async () => {
      const refused = (await emulator.calls()).filter(({ argv, exitCode }) => argv[0] === 'launch' && exitCode === 2);
      expect(refused).not.toEqual([]);
    });

  afterEach(async () => {
    await fixture?.dispose();
    fixture = undefined;
  }, TEST_TIMEOUT_MS);

  it(
    'is preparing, then starting, then running, and tells how far it is',
    async () => {
      const made = await setUp();
      const { emulator } = made;
      await emulator.configure({ downloadMs: MINUTE_MS, prepareMs: MINUTE_MS, bootMs: MINUTE_MS });
      const spec = made.newSpec();
      const progress: CallProgress[] = [];
      const told = (phase: CallProgress['phase']): Promise<void> =>
        eventually(() => expect(progress.map((step) => step.phase)).toContain(phase));
      const seen = new Set<string>();
      const untilSeen = (awaited: string): Promise<void> =>
        eventually(async () => {
          const { power, sshTarget } = await observe(made, spec.id);
          seen.add(power);
          if (power !== 'running') expect(sshTarget).toBeNull();
          expect((await made.hypervisor.list(made.context())).has(spec.id)).toBe(true);
          expect(power).toBe(awaited);
        });
      const creating = made.hypervisor.create(spec, {
        ...made.context(),
        onProgress: (step) => progress.push(step),
      });
      await told('fetching_image');
      await emulator.configure({ downloadMs: 60 });
      await told('creating');
      await untilSeen('preparing');
      await emulator.configure({ prepareMs: 0 });
      await untilSeen('starting');
      await emulator.configure({ bootMs: 0 });
      await untilSeen('running');
      await creating;
      expect([...seen]).toEqual(['preparing', 'starting', 'running']);
      expect(progress).toContainEqual({ phase: 'creating', progress: null });
      // Which percentages are caught depends on the moment; that they are told and rise does not.
      const percentages = progress.flatMap((step) => (step.phase === 'fetching_image' ? [step.progress ?? -1] : []));
      expect(percentages.length).toBeGreaterThan(0);
      expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
      expect(percentages[0]).toBeGreaterThanOrEqual(0);
      expect(progress.at(-1)).toEqual({ phase: 'booting', progress: null });
      expect((await observe(made, spec.id)).sshTarget).not.toBeNull();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'whose client died is taken up by the next try, and there is one machine',
    async () => {
      const made = await setUp();
      await made.emulator.configure({ prepareMs: MINUTE_MS });
      await made.emulator.addFault({ command: 'launch', kind: 'die', ms: 300 });
      const spec = made.newSpec();
      expect(await failureOf(made.hypervisor.create(spec, made.context()))).toEqual({
        code: 'HYPERVISOR_FAILED',
        retryable: true,
      });
      expect(await observe(made, spec.id)).toMatchObject({ power: 'absent' });
      const creating = made.hypervisor.create(spec, made.context());
      await untilRefused(made);
      await made.emulator.configure({ prepareMs: 0 });
      await creating;
      expect(await observe(made, spec.id)).toMatchObject({ power: 'running' });
      expect(await instances(made)).toEqual([`${spec.id} Running`]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that took too long for the client, but comes up, is a success',
    async () => {
      const made = await setUp({ launchMs: 2000, settleMs: 10_000 });
      await made.emulator.configure({ prepareMs: 1500, bootMs: 1200 });
      const spec = made.newSpec();
      await made.hypervisor.create(spec, made.context());
      expect(await observe(made, spec.id)).toMatchObject({ power: 'running' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that leaves the machine in an unknown state is cured by switching it off and on',
    async () => {
      const made = await setUp();
      const { emulator } = made;
      await emulator.configure({ doGuestsAnswer: false, waitSlackMs: NO_PATIENCE_MS });
      const spec = made.newSpec();
      const driver = made.again({
        async beforeCommand({ args: [verb] }) {
          if (verb !== 'stop') return;
          expect(await instances(made)).toEqual([`${spec.id} Unknown`]);
          await emulator.configure({ doGuestsAnswer: true, waitSlackMs: 0 });
        },
      });
      await driver.create(spec, made.context());
      expect((await emulator.calls()).map(({ argv }) => argv[0])).toContain('stop');
      const { power, sshTarget } = await observe(made, spec.id);
      expect(power).toBe('running');
      expect(sshTarget).not.toBeNull();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of a guest that never answers ends with a timeout, which may be tried again',
    async () => {
      const made = await setUp({ launchMs: 5000 });
      await made.emulator.configure({ doGuestsAnswer: false, waitSlackMs: NO_PATIENCE_MS });
      const spec = made.newSpec();
      const expected = { code: 'HYPERVISOR_TIMEOUT', retryable: true };
      expect(await failureOf(made.hypervisor.create(spec, made.context()))).toEqual(expected);
      expect(await made.again().observe(spec.id, made.context())).toMatchObject({
        power: 'unknown',
        detail: 'Unknown',
      });
      await made.emulator.configure({ doGuestsAnswer: true, waitSlackMs: 0 });
      await made.hypervisor.start(spec.id, made.context());
      expect(await observe(made, spec.id)).toMatchObject({ power: 'running' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'under which the daemon dies says that nothing is known, and succeeds when the daemon is back',
    async () => {
      const made = await setUp();
      await made.emulator.configure({ prepareMs: 300 });
      await made.emulator.addFault({ command: 'launch', kind: 'crash', ms: 150 });
      const spec = made.newSpec();
      expect((await failureOf(made.hypervisor.create(spec, made.context()))).code).toBe('HYPERVISOR_UNAVAILABLE');
      await made.emulator.killDaemon();
      await made.emulator.startDaemon();
      await made.hypervisor.create(spec, made.context());
      expect(await observe(made, spec.id)).toMatchObject({ power: 'running' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that was given up while the machine was prepared leaves nothing when it is deleted at once',
    async () => {
      const made = await setUp();
      await made.emulator.configure({ prepareMs: MINUTE_MS });
      const spec = made.newSpec();
      const caller = new AbortController();
      const creating = made.hypervisor.create(spec, {
        signal: caller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'creating') caller.abort(new Error('deleted'));
        },
      });
      await expect(creating).rejects.toThrow('deleted');
      // A driver that knows nothing of the launch.
      const deleting = made.again().delete(spec.id, made.context());
      await untilRefused(made);
      await made.emulator.configure({ prepareMs: 0 });
      await deleting;
      expect(await failureOf(made.multipass('info', spec.id))).toMatchObject({
        code: expect.stringContaining('does not exist'),
      });
      expect(await instances(made)).toEqual([]);
      await eventually(async () => expect(await made.emulator.guestProcesses()).toEqual([]));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not believed when the machine was removed meanwhile',
    async () => {
      const made = await setUp();
      await made.emulator.configure({ bootMs: MINUTE_MS });
      const spec = made.newSpec();
      const creating = failureOf(made.hypervisor.create(spec, made.context()));
      await eventually(async () => expect(await instances(made)).toEqual([`${spec.id} Unknown`]));
      await made.multipass('delete', '--purge', spec.id);
      expect(await creating).toEqual({ code: 'HYPERVISOR_FAILED', retryable: true });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps a machine that is there, switches on one that is off, and replaces one that was thrown away',
    async () => {
      const made = await setUp();
      const spec = made.newSpec();
      await made.hypervisor.create(spec, made.context());
      const running = await made.emulator.guestProcesses();
      await made.again().create(spec, made.context());
      expect(await made.emulator.guestProcesses()).toEqual(running);

      await made.multipass('stop', '--force', spec.id);
      await made.hypervisor.create(spec, made.context());
      expect(await instances(made)).toEqual([`${spec.id} Running`]);

      await made.multipass('delete', spec.id);
      expect(await observe(made, spec.id)).toMatchObject({ power: 'stopped' });
      await made.hypervisor.create({ ...spec, spec: { ...spec.spec, cpu_cores: 3 } }, made.context());
      expect(await made.multipass('get', `local.${spec.id}.cpus`)).toBe('3\n');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'fails for good where the image cannot be had, or the storage is too small for it',
    async () => {
      const made = await setUp();
      const small = made.newSpec({ spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 1 } });
      expect(await failureOf(made.hypervisor.create(small, made.context()))).toEqual({
        code: 'HYPERVISOR_FAILED',
        retryable: false,
      });
      await made.emulator.configure({ isOnline: false, isNoisy: true });
      const spec = made.newSpec();
      expect((await failureOf(made.hypervisor.create(spec, made.context()))).code).toBe('IMAGE_UNAVAILABLE');
      expect(await instances(made)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
