import { ImageName, type SshTarget, type VmId } from '@golem-provider/contracts';
import { isAppError, withDeadline } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSshBanner } from '../../forwarding/ssh-banner.ts';
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
  /** What the machines of ours have left on the host: processes, files, rules. */
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** For everything but a boot. */
const CALL_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 250;
const SETUP_TIMEOUT_MS = 20 * 60_000;

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
        expect(await refusalOf(hypervisor.start(id, context()))).toBe('HYPERVISOR_FAILED');
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
        await expect(hypervisor.observe(spec.id, gone)).rejects.toBe(reason);
        await expect(hypervisor.list(gone)).rejects.toBe(reason);
        expect(await powerOf(spec.id)).toBe('absent');
      },
      boots(0),
    );

    it(
      'makes, starts, stops, starts again and deletes a machine, each also when that is done already',
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

        await hypervisor.stop(id, { force: false }, context(bootTimeoutMs));
        await hypervisor.stop(id, { force: false }, context());
        await hypervisor.stop(id, { force: true }, context());
        expect(await hypervisor.observe(id, context())).toEqual({ power: 'stopped', ipAddress: null, sshTarget: null });
        expect(await listed()).toEqual([id]);
        await hypervisor.create(spec, context(bootTimeoutMs));

        await hypervisor.start(id, context(bootTimeoutMs));
        await untilReachable(id);

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
