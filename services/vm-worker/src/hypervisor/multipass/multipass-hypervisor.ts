import type { ImageName, VmId } from '@golem-provider/contracts';
import { AppError, type Clock, type Logger } from '@golem-provider/service-kit';
import type { CommandRunner } from '../../exec/command-runner.ts';
import { isListening } from '../../forwarding/knock.ts';
import type { CallContext, Hypervisor, InstanceSpec, Observation, ProbeResult } from '../hypervisor.ts';
import { type AddressBookDeps, createAddressBook, GUEST_SSH_PORT } from './address-book.ts';
import { execInGuest } from './guest-exec.ts';
import { createInstancePower, type MultipassTiming } from './instance-power.ts';
import { createInstanceSize } from './instance-size.ts';
import { type ActionOutcome, createMultipassClient, expectDone } from './multipass-client.ts';
import { multipassCommands, type MultipassTimeouts } from './multipass-command.ts';
import { findMultipassImage, type MultipassImage } from './multipass-images.ts';
import { createProgressReader, parseVersion, powerOf } from './multipass-output.ts';
import { createStateReader } from './state-reader.ts';
import { versionProblem } from './multipass-version.ts';

/** Times other than those for real guests; for tests. */
export type MultipassTuning = Partial<
  MultipassTiming & Pick<MultipassTimeouts, 'queryMs' | 'graceMs'> & Pick<AddressBookDeps, 'hungMs'>
>;

/** What the Multipass driver works with. */
export interface MultipassHypervisorDeps {
  readonly run: CommandRunner;
  /** Path of the client, or its name in the search path. */
  readonly program: string;
  readonly images: readonly MultipassImage[];
  /** One of `images`, by name or alias. */
  readonly defaultImage: ImageName;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: Pick<MultipassTiming, 'launchMs'> & MultipassTuning;
}

const QUERY_MS = 30_000;
const GRACE_MS = 30_000;
const HUNG_MS = 30_000;
/** More than the five minutes for which the daemon can be busy with a guest that does not go down. */
const ACTION_MS = 330_000;
const DEFAULT_TIMING = { shutdownMs: 60_000, settleMs: 60_000, pollMs: 1000 } as const;
/** For all addresses that are asked for in one look at all machines. */
const ADDRESSES_MS = 20_000;

/**
 * Multipass as a hypervisor. Its instances are named by the ids of the VMs, so a machine is ours by its name. What it says of
 * states is asked for in the way that never reaches into a guest, as Multipass does everything on one thread.
 *
 * A client that ends cancels nothing: what it asked for goes on in the daemon. Hence whatever did not answer is looked at
 * before it is judged, and a delete makes sure that nothing is being prepared under the name.
 */
export function createMultipassHypervisor(deps: MultipassHypervisorDeps): Hypervisor {
  const { images, clock, logger } = deps;
  const { queryMs = QUERY_MS, graceMs = GRACE_MS, hungMs = HUNG_MS, ...given } = deps.timing;
  const timing: MultipassTiming = { ...DEFAULT_TIMING, ...given };
  const client = createMultipassClient(deps.run);
  const commands = multipassCommands(deps.program, { queryMs, actionMs: ACTION_MS, graceMs });
  const readStates = createStateReader(client, commands.listStates());
  const power = createInstancePower({ client, commands, readStates, clock, logger, timing });
  const size = createInstanceSize({ client, commands, readStates });
  const addresses = createAddressBook({ client, commands, isListening, clock, logger, hungMs });
  /** Launched or started by this driver right now: their guests are left alone, and silence means that they boot. */
  const underWay = new Set<VmId>();

  /** Of one that runs and whose address is known. */
  const runningAt = (host: string): Observation => ({
    power: 'running',
    ipAddress: host,
    sshTarget: { host, port: GUEST_SSH_PORT },
  });
  /** While it is brought up; `run` resolves with its address, null where that is not known yet. */
  const during = async (id: VmId, { onSeen }: CallContext, run: () => Promise<string | null>): Promise<void> => {
    underWay.add(id);
    try {
      const host = await run();
      if (host !== null) onSeen?.(runningAt(host));
    } catch (error) {
      // It may be booting all the same, so its guest is left alone when it is first seen to run.
      addresses.saw(id, false);
      throw error;
    } finally {
      underWay.delete(id);
    }
  };

  const observation = async (
    id: VmId,
    state: string | undefined,
    signal: AbortSignal,
    isAsked = true,
  ): Promise<Observation> => {
    if (state === undefined) {
      const isPreparing = underWay.has(id);
      if (!isPreparing) addresses.forget(id);
      return { power: isPreparing ? 'preparing' : 'absent', ipAddress: null, sshTarget: null };
    }
    const seen = powerOf(state);
    // What is brought up is told of at its end; a look from before would undo that.
    if (!underWay.has(id)) addresses.saw(id, seen === 'running');
    if (seen === 'unknown') {
      const nothing = { ipAddress: null, sshTarget: null };
      // The state of a first boot, until Multipass has found its address.
      return underWay.has(id) ? { power: 'starting', ...nothing } : { power: 'unknown', detail: state, ...nothing };
    }
    const host = seen === 'running' && !underWay.has(id) && isAsked ? await addresses.find(id, signal) : null;
    if (host !== null) return runningAt(host);
    return {
      power: seen,
      ipAddress: null,
      sshTarget: null,
      ...(state === 'Deleted' && { isTrashed: true }),
    };
  };

  const launch = async (
    { id, spec, userData }: InstanceSpec,
    { launchName }: MultipassImage,
    { signal, onProgress }: CallContext,
  ): Promise<ActionOutcome> => {
    const read = createProgressReader();
    return client.act(commands.launch({ id, spec, launchName, userData, waitMs: timing.launchMs }), `launching ${id}`, {
      signal,
      onStdout: (piece) => {
        const progress = read(piece);
        if (progress !== undefined) onProgress?.(progress);
      },
    });
  };

  /**
   * Launches and resolves once it runs. Nothing is asked before: Multipass refuses a name that is taken. How the launch ended
   * is not believed without a look, which where it went well is the one that also tells the address.
   */
  const make = async (spec: InstanceSpec, image: MultipassImage, context: CallContext): Promise<string | null> => {
    const { id } = spec;
    const { signal } = context;
    let outcome = await launch(spec, image, context);
    if (outcome.kind === 'exists' && (await power.stateOf(id, signal)) === 'Deleted') {
      await power.remove(id, signal);
      outcome = await launch(spec, image, context);
    }
    if (outcome.kind === 'done') {
      context.onBooted?.();
      const host = await addresses.meet(id, signal);
      if (host !== null) return host;
    }
    if (outcome.kind === 'being_prepared') await power.awaitPrepared(id, signal);
    const state = await power.stateOf(id, signal);
    if (state === undefined) {
      expectDone(outcome);
      throw new AppError('HYPERVISOR_FAILED', `launching ${id}: it was removed meanwhile`);
    }
    if (outcome.kind === 'done' && state === 'Running') return null;
    // One that was there already may be in the middle of its first boot, begun by an earlier worker.
    const isFound = outcome.kind === 'exists' || outcome.kind === 'being_prepared';
    if (outcome.kind !== 'done' && !isFound) {
      logger.warn({ err: outcome.error, vm_id: id }, 'the launch did not succeed, but the machine is there');
    }
    await power.on(id, isFound ? timing.launchMs : timing.settleMs, signal);
    return addresses.meet(id, signal);
  };

  const create: Hypervisor['create'] = async (spec, context) => {
    const { id } = spec;
    context.signal.throwIfAborted();
    const image = findMultipassImage(images, spec.image);
    if (image === undefined) {
      throw new AppError('IMAGE_UNKNOWN', `launching ${id}: Multipass has no image ${spec.image}`, {
        publicDetail: `The hypervisor has no image ${spec.image}.`,
      });
    }
    await during(id, context, () => make(spec, image, context));
    logger.info({ vm_id: id, image: spec.image, spec: spec.spec }, 'made a machine');
  };

  return {
    name: 'multipass',
    capabilities: { separateStart: false, maxParallelStarts: 2, managementKey: false, movesTargets: true },
    async probe({ signal }): Promise<ProbeResult> {
      const doing = 'asking Multipass for its version';
      const version = parseVersion(await client.ask(commands.version(), doing, signal));
      const problem = versionProblem(version);
      if (problem !== undefined) throw new AppError('HYPERVISOR_UNAVAILABLE', `${doing}: ${problem}`);
      const words = version.multipassd ?? version.multipass;
      return {
        version: version.emulator === true ? `${words} (emulator)` : words,
        acceleration: null,
        guestNetwork: 'internet',
      };
    },
    catalogue: () =>
      Promise.resolve({
        default_image: findMultipassImage(images, deps.defaultImage)?.name ?? deps.defaultImage,
        // Which of them it has fetched before, Multipass does not say.
        images: images.map(({ name, aliases }) => ({ name, aliases: [...aliases], available: false })),
      }),
    create,
    async start(id, context) {
      const { signal } = context;
      signal.throwIfAborted();
      context.onProgress?.({ phase: 'booting', progress: null });
      await during(id, context, async () => {
        await power.on(id, timing.launchMs, signal);
        context.onBooted?.();
        return addresses.meet(id, signal);
      });
    },
    async stop(id, { force }, { signal }) {
      signal.throwIfAborted();
      await power.off(id, force, signal);
      addresses.saw(id, false);
    },
    async delete(id, { signal }) {
      signal.throwIfAborted();
      await power.remove(id, signal);
      addresses.forget(id);
      logger.info({ vm_id: id }, 'deleted a machine');
    },
    readSpec: (id, { signal }) => size.read(id, signal),
    async resize(id, spec, { signal }) {
      signal.throwIfAborted();
      await size.change(id, spec, signal);
      logger.info({ vm_id: id, spec }, 'resized a machine');
    },
    runInGuest: (id, command, options, { signal }) =>
      execInGuest({ client, commands, readStates }, id, command, options, signal),
    async observe(id, { signal }) {
      return observation(id, await power.stateOf(id, signal), signal);
    },
    async list({ signal }) {
      const states = await readStates(signal);
      const askUntil = clock.elapsed() + ADDRESSES_MS;
      const seen = new Map<VmId, Observation>();
      // One after the other: Multipass would not answer them any sooner together.
      for (const id of new Set([...states.keys(), ...underWay])) {
        const look = await observation(id, states.get(id), signal, clock.elapsed() < askUntil);
        if (look.power !== 'absent') seen.set(id, look);
      }
      return seen;
    },
  };
}
