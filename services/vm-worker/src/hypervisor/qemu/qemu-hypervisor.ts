import { rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { isSameSpec, type Settings, type VmId } from '@golem-provider/contracts';
import { AppError, type DataDirectory, isAppError, isErrorCode, type Logger } from '@golem-provider/service-kit';
import type { CommandRunner } from '../../exec/command-runner.ts';
import { fileFailure } from '../../exec/run-tool.ts';
import { UBUNTU_DEFAULT, resolveImage } from '../../images/catalogue.ts';
import { readDefaultImage } from '../../images/default-image.ts';
import type { ImageStore } from '../../images/image-store.ts';
import type { CallContext, Hypervisor, Observation } from '../hypervisor.ts';
import { notRunning } from '../guest-command.ts';
import { runByLogin } from './guest-login.ts';
import { createGuestNetworkRules } from './guest-network.ts';
import { buildInstance } from './instance-builder.ts';
import { createInstanceFiles, type InstanceDescription } from './instance-files.ts';
import { createMachineSize, resizeRefusal } from './instance-size.ts';
import { createMachineMonitor } from './machine-monitor.ts';
import { createMachinePower, type StartConditions } from './machine-power.ts';
import { createMachineProcesses } from './machine-processes.ts';
import { type MachineEvidence, observation } from './machine-state.ts';
import { isProcessAlive, type ProcessRef } from './process-table.ts';
import { inspectHost, type QemuHostFacts } from './qemu-host.ts';
import { QmpFailure } from './qmp-client.ts';

/** What the QEMU driver works with. */
export interface QemuHypervisorDeps {
  readonly data: DataDirectory;
  readonly images: ImageStore;
  readonly run: CommandRunner;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'GUEST_NETWORK' | 'PORT_RANGE_START' | 'PORT_RANGE_END' | 'DEFAULT_VM_IMAGE'>;
  /** Of this process; QEMU gets the search path of it. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * QEMU as a hypervisor, without any daemon: a machine is a directory, and a process while it runs. Its state is what files
 * and processes say at the moment; nothing is kept in memory, so a new worker finds everything as the last one left it.
 * Machines outlive the worker. A guest that shuts itself down ends its process and is `stopped`; one that reboots stays up.
 *
 * As root, each machine's QEMU runs under a user of its own that owns nothing but its disk; packet rules for these users keep
 * guests away from the host. Otherwise QEMU runs as the operator and guests have no way out.
 */
export function createQemuHypervisor(deps: QemuHypervisorDeps): Hypervisor {
  const { data, images, run, logger, settings, environment } = deps;
  const files = createInstanceFiles(data.instances);
  const processes = createMachineProcesses(data.instances);
  const monitor = createMachineMonitor((id) => files.path(id));
  const power = createMachinePower({ data, files, processes, monitor, settings, environment });
  const size = createMachineSize({ files, run });
  const rules = createGuestNetworkRules({ run, logger, setting: settings.GUEST_NETWORK, dataDirectory: data.root });
  const beingMade = new Set<VmId>();
  let known: QemuHostFacts | undefined;

  const hostFacts = async (signal: AbortSignal): Promise<QemuHostFacts> =>
    (known ??= await inspectHost({ data, run, environment, logger }, signal));

  const startConditions = async (signal: AbortSignal): Promise<StartConditions> => {
    const facts = await hostFacts(signal);
    return { facts, guestNetwork: facts.hasOwnUsers ? await rules.ensure(signal) : 'isolated' };
  };

  const describe = async (id: VmId): Promise<InstanceDescription | 'damaged' | undefined> => {
    try {
      return await files.describe(id);
    } catch (error) {
      if (isAppError(error) && error.code === 'HYPERVISOR_FAILED') return 'damaged';
      throw error;
    }
  };

  const mustDescribe = async (id: VmId, doing: string): Promise<InstanceDescription> => {
    const description = await files.describe(id);
    if (description !== undefined) return description;
    throw new AppError('HYPERVISOR_FAILED', `${doing} ${id}: there is no such machine`, { retryable: false });
  };

  const askRunState = async (id: VmId, signal: AbortSignal): Promise<Pick<MachineEvidence, 'runState' | 'silence'>> => {
    try {
      return { runState: await monitor.runState(id, signal) };
    } catch (error) {
      if (!(error instanceof QmpFailure)) throw error;
      return { runState: null, silence: error.reason === 'no_socket' ? 'starting' : 'unresponsive' };
    }
  };

  const look = async (id: VmId, ref: ProcessRef | undefined, signal: AbortSignal): Promise<Observation> => {
    const description = await describe(id);
    const state = ref === undefined || description === undefined ? { runState: null } : await askRunState(id, signal);
    return observation({
      files: description === undefined ? 'missing' : description === 'damaged' ? 'damaged' : 'whole',
      isBeingMade: beingMade.has(id),
      // It may have gone down while it was asked; a silence then means that.
      hasProcess: ref !== undefined && (state.runState !== null || (await isProcessAlive(ref))),
      sshPort: ref === undefined ? null : ((await files.network(id))?.ssh_port ?? null),
      ...state,
    });
  };

  const removeLeftovers = async (): Promise<void> => {
    for (const [id, paths] of await files.leftovers()) {
      if (beingMade.has(id)) continue;
      for (const path of paths) await rm(path, { recursive: true, force: true });
      logger.info({ vm_id: id }, 'removed what was left of a machine half made or half removed');
    }
  };

  const resume = async (id: VmId, signal: AbortSignal): Promise<void> => {
    try {
      const state = await monitor.runState(id, signal);
      if (state !== 'running') await power.resume(id, signal);
    } catch (error) {
      if (!(error instanceof QmpFailure)) throw error;
      throw new AppError('HYPERVISOR_UNAVAILABLE', `starting ${id}: its QEMU runs, but does not answer`, {
        cause: error,
      });
    }
  };

  const create: Hypervisor['create'] = async (spec, { signal, onProgress }) => {
    const { id } = spec;
    signal.throwIfAborted();
    if ((await files.describe(id)) !== undefined) return;
    beingMade.add(id);
    try {
      const { hasOwnUsers } = await hostFacts(signal);
      const image = await images.ensure(spec.image, {
        signal,
        onProgress: (progress) => onProgress?.({ phase: 'fetching_image', progress }),
      });
      onProgress?.({ phase: 'creating', progress: null });
      await buildInstance({ files, run }, spec, image, hasOwnUsers, signal);
      logger.info({ vm_id: id, image: image.name, spec: spec.spec }, 'made a machine');
    } finally {
      beingMade.delete(id);
    }
  };

  const start = async (id: VmId, { signal, onProgress }: CallContext): Promise<void> => {
    signal.throwIfAborted();
    const description = await mustDescribe(id, 'starting');
    onProgress?.({ phase: 'booting', progress: null });
    if ((await processes.find(id)) !== undefined) return resume(id, signal);
    const conditions = await startConditions(signal);
    await power.powerOn(description, conditions, signal);
    const { acceleration } = conditions.facts.acceleration;
    logger.info({ vm_id: id, acceleration, guest_network: conditions.guestNetwork }, 'started a machine');
  };

  const stop: Hypervisor['stop'] = async (id, { force }, { signal }) => {
    signal.throwIfAborted();
    const ref = await processes.find(id);
    if (ref === undefined) return;
    await power.powerOff(id, ref, force, signal);
    logger.info({ vm_id: id }, 'stopped a machine');
  };

  const remove = async (id: VmId, context: CallContext): Promise<void> => {
    await stop(id, { force: true }, context);
    const deleted = files.deletedPath(id);
    try {
      await rm(deleted, { recursive: true, force: true });
      await rename(files.path(id), deleted).catch((error: unknown) => {
        if (!isErrorCode(error, 'ENOENT')) throw error;
      });
      for (const path of [deleted, files.partialPath(id)]) await rm(path, { recursive: true, force: true });
    } catch (cause) {
      throw fileFailure(cause, `removing ${id}`);
    }
  };

  return {
    name: 'qemu',
    capabilities: {
      separateStart: true,
      maxParallelStarts: availableParallelism(),
      managementKey: true,
      movesTargets: false,
    },
    async probe({ signal }) {
      known = undefined;
      const { facts, guestNetwork } = await startConditions(signal);
      await removeLeftovers();
      return { version: facts.version, acceleration: facts.acceleration.acceleration, guestNetwork };
    },
    async catalogue() {
      const wanted = settings.DEFAULT_VM_IMAGE ?? (await readDefaultImage(data.images)) ?? UBUNTU_DEFAULT;
      const isThere = async (name: typeof wanted): Promise<boolean> => {
        try {
          return (await images.find(name)) !== undefined;
        } catch (error) {
          if (isAppError(error) && error.code === 'IMAGE_UNAVAILABLE') return false;
          throw error;
        }
      };
      return {
        default_image: resolveImage(images.catalogue, wanted)?.name ?? wanted,
        images: await Promise.all(
          images.catalogue.map(async ({ name, aliases }) => ({
            name,
            aliases: [...aliases],
            available: await isThere(name),
          })),
        ),
      };
    },
    create,
    start,
    stop,
    delete: remove,
    async readSpec(id, { signal }) {
      signal.throwIfAborted();
      const { hasOwnUsers } = await hostFacts(signal);
      return size.read(await mustDescribe(id, 'reading the size of'), hasOwnUsers, signal);
    },
    async resize(id, spec, { signal }) {
      signal.throwIfAborted();
      const { hasOwnUsers } = await hostFacts(signal);
      const description = await mustDescribe(id, 'resizing');
      if ((await processes.find(id)) !== undefined) {
        if (isSameSpec(await size.read(description, hasOwnUsers, signal), spec)) return;
        throw resizeRefusal(id, 'its QEMU runs', 'The VM must be off for that.');
      }
      await size.change(description, spec, hasOwnUsers, signal);
      logger.info({ vm_id: id, spec }, 'resized a machine');
    },
    async runInGuest(id, command, options, { signal }) {
      signal.throwIfAborted();
      const { power: state, sshTarget } = await look(id, await processes.find(id), signal);
      if (state !== 'running' || sshTarget === null) throw notRunning(id, state);
      return runByLogin(run, { id, directory: files.path(id), port: sshTarget.port }, command, options, signal);
    },
    async observe(id, { signal }) {
      signal.throwIfAborted();
      return look(id, await processes.find(id), signal);
    },
    async list({ signal }) {
      signal.throwIfAborted();
      const running = await processes.all();
      const ids = new Set([...(await files.ids()), ...running.keys()]);
      const looks = await Promise.all(
        [...ids].map(async (id) => [id, await look(id, running.get(id), signal)] as const),
      );
      return new Map(looks.filter(([, seen]) => seen.power !== 'absent'));
    },
  };
}
