import { isAppError } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { InstanceSpec } from '../hypervisor.ts';
import { type MultipassFixture, multipassFixture } from './testing/multipass-fixture.ts';

const MINUTE_MS = 60_000;
const TEST_TIMEOUT_MS = 3 * MINUTE_MS;

describe('the Multipass driver', () => {
  let fixture: MultipassFixture;
  let spec: InstanceSpec;

  const codeOf = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'none',
      (error: unknown) => (isAppError(error) ? error.code : String(error)),
    );
  const launch = async (): Promise<void> => fixture.hypervisor.create(spec, fixture.context());

  beforeEach(async () => {
    fixture = await multipassFixture(process.env);
    spec = fixture.newSpec();
  }, TEST_TIMEOUT_MS);

  afterEach(() => fixture.dispose(), TEST_TIMEOUT_MS);

  it(
    'shows that it drives an emulator',
    async () => {
      expect(await fixture.hypervisor.probe(fixture.context())).toEqual({
        version: '1.16.3 (emulator)',
        acceleration: null,
        guestNetwork: 'internet',
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes a daemon that is down, hangs or refuses it for an outage in every call, never for an absent machine',
    async () => {
      const { hypervisor, emulator, context } = fixture;
      await launch();
      const expectOutage = async (driver = hypervisor): Promise<void> => {
        const verbs = {
          probe: () => driver.probe(context()),
          create: () => driver.create(spec, context()),
          start: () => driver.start(spec.id, context()),
          stop: () => driver.stop(spec.id, { force: false }, context()),
          observe: () => driver.observe(spec.id, context()),
          list: () => driver.list(context()),
        };
        const codes = Object.entries(verbs).map(async ([verb, call]) => [verb, await codeOf(call())] as const);
        const outage = Object.keys(verbs).map((verb) => [verb, 'HYPERVISOR_UNAVAILABLE']);
        expect(await Promise.all(codes)).toEqual(outage);
      };
      await emulator.configure({ isClientTrusted: false });
      await expectOutage();
      expect(await codeOf(hypervisor.delete(spec.id, context()))).toBe('HYPERVISOR_UNAVAILABLE');
      await emulator.configure({ isClientTrusted: true });
      emulator.freezeDaemon();
      // Nothing is answered, so no deadline can be too short.
      await expectOutage(fixture.again({ timing: { queryMs: 2000, launchMs: 5000 } }));
      emulator.thawDaemon();
      await emulator.killDaemon();
      await expectOutage();
      expect(await codeOf(hypervisor.delete(spec.id, context()))).toBe('HYPERVISOR_UNAVAILABLE');
      await emulator.startDaemon();
      await eventually(async () => {
        expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'running' });
      });
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['rubbish', { kind: 'rubbish', text: 'panic: \u0000\u0001{' }],
    ['another form', { kind: 'rubbish', text: '{"instances":[]}' }],
    ['nothing', { kind: 'rubbish', text: '' }],
    ['half of it', { kind: 'truncate' }],
  ] as const)(
    'takes %s in place of an answer for a failure, not for an empty list',
    async (_, fault) => {
      await fixture.emulator.addFault({ command: 'list', ...fault });
      expect(await codeOf(fixture.hypervisor.list(fixture.context()))).toBe('HYPERVISOR_FAILED');
      expect(await fixture.hypervisor.list(fixture.context())).toEqual(new Map());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'reads answers among the log lines of the daemon',
    async () => {
      const { hypervisor, emulator, context } = fixture;
      for (const command of ['list', 'launch']) await emulator.addFault({ command, kind: 'noise' });
      await hypervisor.delete(spec.id, context());
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'absent' });
      expect(await emulator.pendingFaults()).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'cuts the power of a guest that does not shut down, and holds up nobody meanwhile',
    async () => {
      const { hypervisor, emulator, context, multipass } = fixture;
      await emulator.configure({ doGuestsShutDown: false });
      await launch();
      let answers = 0;
      const driver = fixture.again({
        async beforeCommand({ args }) {
          if (!args.includes('--force')) return;
          // The guest has been asked and was waited for, and whoever asks Multipass is answered.
          await multipass('list', '--no-ipv4', '--format', 'json');
          answers += 1;
        },
      });
      await driver.stop(spec.id, { force: false }, context());
      expect(answers).toBeGreaterThan(0);
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'stopped' });
      await eventually(async () => expect(await emulator.guestProcesses()).toEqual([]));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'switches off what boots or is in an unknown state',
    async () => {
      const { hypervisor, emulator, context, multipass } = fixture;
      await launch();
      await hypervisor.stop(spec.id, { force: true }, context());
      await emulator.configure({ bootMs: MINUTE_MS });
      const caller = new AbortController();
      const starting = hypervisor.start(spec.id, { signal: caller.signal });
      await eventually(async () =>
        expect(await multipass('list', '--format', 'csv', '--no-ipv4')).toContain('Starting'),
      );
      caller.abort(new Error('stopped'));
      await expect(starting).rejects.toThrow('stopped');
      await hypervisor.stop(spec.id, { force: false }, context());
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'stopped' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'leaves a suspended machine suspended when it is to be off, and resumes it when it is to run',
    async () => {
      const { hypervisor, context, multipass } = fixture;
      await launch();
      await multipass('suspend', spec.id);
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'suspended' });
      await hypervisor.stop(spec.id, { force: false }, context());
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'suspended' });
      await hypervisor.start(spec.id, context());
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'running' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes a machine back that somebody deleted, but not for good',
    async () => {
      const { hypervisor, context, multipass } = fixture;
      await launch();
      await multipass('delete', spec.id);
      await hypervisor.start(spec.id, context());
      expect(await hypervisor.observe(spec.id, context())).toMatchObject({ power: 'running' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes on with addresses that it knows while a guest is frozen',
    async () => {
      const { hypervisor, emulator, context } = fixture;
      await launch();
      const before = await hypervisor.list(context());
      expect(before.get(spec.id)?.sshTarget).not.toBeNull();
      await emulator.freezeGuest(spec.id);
      expect(await hypervisor.list(context())).toEqual(before);
      expect(await hypervisor.observe(spec.id, context())).toEqual(before.get(spec.id));

      // One that must ask gets no answer, says so of this machine alone, and does not ask again at once.
      const again = fixture.again();
      expect((await again.list(context())).get(spec.id)).toMatchObject({ power: 'running', sshTarget: null });
      await emulator.thawGuest(spec.id);
      expect((await again.list(context())).get(spec.id)).toMatchObject({ power: 'running', sshTarget: null });
    },
    TEST_TIMEOUT_MS,
  );
});
