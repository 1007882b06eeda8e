import { ImageName, SshPublicKey, type SshTarget, type VmId, type VmSpec } from '@golem-provider/contracts';
import { isAppError, withDeadline } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSshBanner } from '../../forwarding/ssh-banner.ts';
import { renderKeyChange } from '../../reconcile/guest-keys.ts';
import { MAX_GUEST_INPUT_BYTES } from '../guest-command.ts';
import type { CallContext, CallProgress, Hypervisor, InstanceSpec, PowerState } from '../hypervisor.ts';

/** A driver over a hypervisor of its own, in which there is nothing of ours. */
export interface HypervisorHarness {
  readonly hypervisor: Hypervisor;
  /** The smallest machine that boots, with an id of its own. */
  newSpec(overrides?: Partial<InstanceSpec>): InstanceSpec;
  /** Puts a machine into the hypervisor that is not ours; left out where nobody else could. */
  makeForeign?(): Promise<void>;
  /** Logs in as the user of the guest, held to the host key of `newSpec`, and gives what the command wrote. */
  login?(target: SshTarget, command: string): Promise<string>;
  /** Whether a guest sees the cores, memory and disk that its machine was given. */
  readonly areSizesReal: boolean;
  /** What the machines of ours have left on the host: processes, files, rules. */
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** For everything but a boot. */
const CALL_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 250;
const SETUP_TIMEOUT_MS = 20 * 60_000;
const MORE_KEY = SshPublicKey.parse(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE me@example.org',
);

/**
 * The promises of `Hypervisor`, held against a driver. Frugal, as a boot may take a minute: two machines, three boots.
 *
 * @param bootTimeoutMs How long a guest may take until its sshd answers.
 * @param makeHarness Called once, before the tests run.
 */
export function describeHypervisorContract(
  name: string,
  bootTimeoutMs: number,
  makeHarness: () => Promise<HypervisorHarness>,
): void {
  const boots = (count: number): number => count * bootTimeoutMs + 4 * CALL_TIMEOUT_MS;

  describe(`the promises of a hypervisor driver, kept by ${name}`, () => {
    let harness: HypervisorHarness;
    let hypervisor: Hypervisor;

    const context = (timeoutMs = CALL_TIMEOUT_MS, onProgress?: (progress: CallProgress) => void): CallContext => ({
      signal: AbortSignal.timeout(timeoutMs),
      ...(onProgress !== undefined && { onProgress }),
    });
    const powerOf = async (id: VmId): Promise<PowerState> => (await hypervisor.observe(id, context())).power;
    const listed = async (): Promise<VmId[]> => [...(await hypervisor.list(context())).keys()];
    const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));
    const refusalOf = async (call: Promise<unknown>): Promise<string> => call.then(() => 'none', codeOf);

    /** The target once its sshd answers. */
    const untilReachable = (id: VmId): Promise<SshTarget> =>
      eventually(
        async () => {
          const { power, sshTarget } = await hypervisor.observe(id, context());
          if (sshTarget === null) throw new Error(`${id} is ${power} and has no address`);
          expect(await readSshBanner(sshTarget.host, sshTarget.port, context())).toMatch(/^SSH-2\.0-/);
          return sshTarget;
        },
        bootTimeoutMs,
        LOOK_INTERVAL_MS,
      );
    /** Makes the machine and switches it on. */
    const createAndStart = async (spec: InstanceSpec, onProgress?: (progress: CallProgress) => void): Promise<void> => {
      await hypervisor.create(spec, context(bootTimeoutMs, onProgress));
      if (!hypervisor.capabilities.separateStart) return;
      expect(await powerOf(spec.id)).toBe('stopped');
      await hypervisor.start(spec.id, context(bootTimeoutMs, onProgress));
    };

    const runsCommands = async (id: VmId): Promise<void> => {
      const call = (...command: string[]) => hypervisor.runInGuest(id, command, { input: 'in\n' }, context());
      const script = 'id -un; cat; echo err >&2; exit 2';
      expect(await call('sh', '-c', script)).toEqual({ exitCode: 2, stdout: 'ubuntu\nin\n', stderr: 'err\n' });
      expect(await call('printf', '[%s]', "it's", '$(id)', '', 'a b', '--help')).toMatchObject({
        exitCode: 0,
        stdout: "[it's][$(id)][][a b][--help]",
      });
      const options = { timeoutMs: 1 };
      expect(await hypervisor.runInGuest(id, ['sleep', '600'], options, context())).toMatchObject({ exitCode: 124 });
      const input = 'x'.repeat(MAX_GUEST_INPUT_BYTES);
      const counted = await hypervisor.runInGuest(id, ['wc', '-c'], { input }, context());
      expect(Number(counted.stdout)).toBe(MAX_GUEST_INPUT_BYTES);
      const tooMuch = { input: `${input}x` };
      expect(await refusalOf(hypervisor.runInGuest(id, ['cat'], tooMuch, context()))).toBe('HYPERVISOR_FAILED');
    };

    /** Whatever the image made of the file: what is not ours stays in it. */
    const changesKeys = async (id: VmId): Promise<void> => {
      const inGuest = async (command: readonly string[], input = ''): Promise<string[]> => {
        const { exitCode, stdout } = await hypervisor.runInGuest(id, command, { input }, context());
        expect(exitCode).toBe(0);
        return stdout.split('\n').filter((line) => line !== '');
      };
      const lines = (): Promise<string[]> => inGuest(['cat', '/home/ubuntu/.ssh/authorized_keys']);
      const apply = async (state: 'adding' | 'removing'): Promise<void> => {
        const change = renderKeyChange([{ name: 'more', key: MORE_KEY, state }]);
        if (change !== undefined) await inGuest(change.command, change.input);
      };
      const before = await lines();
      for (const state of ['adding', 'adding'] as const) await apply(state);
      expect(await lines()).toEqual([...before, MORE_KEY]);
      for (const state of ['removing', 'removing'] as const) await apply(state);
      expect(await lines()).toEqual(before);
    };

    const resizes = async (id: VmId, from: VmSpec, to: VmSpec): Promise<void> => {
      const changes = [to, { ...from, storage_gb: to.storage_gb }, to, to];
      for (const spec of changes) {
        await hypervisor.resize(id, spec, context());
        expect(await hypervisor.readSpec(id, context())).toEqual(spec);
      }
      const smaller = { ...to, cpu_cores: 1, storage_gb: from.storage_gb };
      expect(await refusalOf(hypervisor.resize(id, smaller, context()))).toBe('HYPERVISOR_FAILED');
      expect(await hypervisor.readSpec(id, context())).toEqual(to);
    };

    const seesSize = async (id: VmId, spec: VmSpec): Promise<void> => {
      const script = 'nproc; grep MemTotal /proc/meminfo; df -B1M --output=size / | tail -n 1';
      const { stdout } = await hypervisor.runInGuest(id, ['sh', '-c', script], {}, context());
      const [cores, memoryKib = 0, rootMib = 0] = stdout.split('\n').map((line) => Number(/\d+/.exec(line)?.[0]));
      expect(cores).toBe(spec.cpu_cores);
      expect(memoryKib / 1024 ** 2).toBeGreaterThan(spec.memory_gb - 0.2);
      expect(rootMib / 1024).toBeGreaterThan(spec.storage_gb - 0.5);
    };

    beforeAll(async () => {
      harness = await makeHarness();
      hypervisor = harness.hypervisor;
    }, SETUP_TIMEOUT_MS);

    afterAll(() => harness.dispose(), SETUP_TIMEOUT_MS);

    it(
      'says what it is and offers its default image',
      async () => {
        const { version, guestNetwork } = await hypervisor.probe(context());
        expect(version).not.toBe('');
        expect(['internet', 'isolated']).toContain(guestNetwork);
        expect(hypervisor.capabilities.maxParallelStarts).toBeGreaterThan(0);

        const { images, default_image } = await hypervisor.catalogue();
        const names = images.flatMap((image) => [image.name, ...image.aliases]);
        expect(names).toContain(default_image);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(ImageName.safeParse(name).success).toBe(true);
      },
      boots(0),
    );

    it(
      'tells that a machine is absent, and is content where that is what was asked for',
      async () => {
        const { id } = harness.newSpec();
        expect(await hypervisor.observe(id, context())).toEqual({ power: 'absent', ipAddress: null, sshTarget: null });
        expect(await listed()).not.toContain(id);
        await hypervisor.delete(id, context());
        for (const refused of [
          hypervisor.start(id, context()),
          hypervisor.readSpec(id, context()),
          hypervisor.resize(id, harness.newSpec().spec, context()),
          hypervisor.runInGuest(id, ['true'], {}, context()),
        ])
          expect(await refusalOf(refused)).toBe('HYPERVISOR_FAILED');
        expect(['none', 'HYPERVISOR_FAILED']).toContain(
          await refusalOf(hypervisor.stop(id, { force: false }, context())),
        );
        expect(await powerOf(id)).toBe('absent');
      },
      boots(0),
    );

    it(
      'makes nothing of an image that it does not know',
      async () => {
        const spec = harness.newSpec({ image: ImageName.parse('no-such-image:1') });
        expect(await refusalOf(hypervisor.create(spec, context()))).toBe('IMAGE_UNKNOWN');
        expect(await powerOf(spec.id)).toBe('absent');
      },
      boots(0),
    );

    it(
      'rejects every call with the reason of a signal that has aborted, and does nothing',
      async () => {
        const spec = harness.newSpec();
        const reason = new Error('the caller left');
        const gone = { signal: AbortSignal.abort(reason) };
        await expect(hypervisor.probe(gone)).rejects.toBe(reason);
        await expect(hypervisor.create(spec, gone)).rejects.toBe(reason);
        await expect(hypervisor.start(spec.id, gone)).rejects.toBe(reason);
        await expect(hypervisor.stop(spec.id, { force: true }, gone)).rejects.toBe(reason);
        await expect(hypervisor.delete(spec.id, gone)).rejects.toBe(reason);
        await expect(hypervisor.readSpec(spec.id, gone)).rejects.toBe(reason);
        await expect(hypervisor.resize(spec.id, spec.spec, gone)).rejects.toBe(reason);
        await expect(hypervisor.runInGuest(spec.id, ['true'], {}, gone)).rejects.toBe(reason);
        await expect(hypervisor.observe(spec.id, gone)).rejects.toBe(reason);
        await expect(hypervisor.list(gone)).rejects.toBe(reason);
        expect(await powerOf(spec.id)).toBe('absent');
      },
      boots(0),
    );

    it(
      'makes, starts, stops, resizes, starts again and deletes a machine, each also when that is done already',
      async () => {
        await harness.makeForeign?.();
        const spec = harness.newSpec();
        const { id } = spec;
        const progress: CallProgress[] = [];
        await createAndStart(spec, (step) => progress.push(step));
        expect(progress.map(({ phase }) => phase)).toContain('booting');
        expect(['running', 'starting']).toContain(await powerOf(id));
        const target = await untilReachable(id);
        expect(await harness.login?.(target, 'id -un')).toBe(harness.login === undefined ? undefined : 'ubuntu\n');

        // Both again: the machine is kept as it is, and stays where it is.
        await hypervisor.create(spec, context());
        await hypervisor.start(id, context());
        expect(await hypervisor.observe(id, context())).toEqual({
          power: 'running',
          ipAddress: target.host,
          sshTarget: target,
        });
        const all = await hypervisor.list(context());
        expect([...all]).toEqual([[id, await hypervisor.observe(id, context())]]);

        await runsCommands(id);
        await changesKeys(id);
        const larger = { cpu_cores: 2, memory_gb: 2, storage_gb: spec.spec.storage_gb + 1 };
        expect(await hypervisor.readSpec(id, context())).toEqual(spec.spec);
        expect(await refusalOf(hypervisor.resize(id, larger, context()))).toBe('HYPERVISOR_FAILED');
        await hypervisor.resize(id, spec.spec, context());

        await hypervisor.stop(id, { force: false }, context(bootTimeoutMs));
        await hypervisor.stop(id, { force: false }, context());
        await hypervisor.stop(id, { force: true }, context());
        expect(await hypervisor.observe(id, context())).toEqual({ power: 'stopped', ipAddress: null, sshTarget: null });
        expect(await listed()).toEqual([id]);
        await resizes(id, spec.spec, larger);
        expect(await refusalOf(hypervisor.runInGuest(id, ['true'], {}, context()))).toBe('HYPERVISOR_FAILED');
        expect(await powerOf(id)).toBe('stopped');

        await hypervisor.create(spec, context(bootTimeoutMs));
        await hypervisor.start(id, context(bootTimeoutMs));
        await untilReachable(id);
        expect(await hypervisor.readSpec(id, context())).toEqual(larger);
        if (harness.areSizesReal) await seesSize(id, larger);

        await hypervisor.delete(id, context());
        expect(await powerOf(id)).toBe('absent');
        expect(await listed()).toEqual([]);
        await hypervisor.delete(id, context());
        expect(await harness.leftovers()).toEqual([]);
      },
      boots(3),
    );

    it(
      'lets go of a machine in the making when the call aborts, and a delete leaves nothing of it',
      async () => {
        const spec = harness.newSpec();
        const reason = new Error('a delete overtakes');
        const caller = new AbortController();
        const signal = withDeadline(caller.signal, bootTimeoutMs);
        const make = async (): Promise<void> => {
          const onProgress = (): void => caller.abort(reason);
          await hypervisor.create(spec, { signal, onProgress });
          await hypervisor.start(spec.id, { signal, onProgress });
        };
        await expect(make()).rejects.toBe(reason);
        await hypervisor.delete(spec.id, context(bootTimeoutMs));
        expect(await powerOf(spec.id)).toBe('absent');
        expect(await listed()).toEqual([]);
        expect(await harness.leftovers()).toEqual([]);
      },
      boots(1),
    );
  });
}
