import { readdir } from 'node:fs/promises';
import { type HostId, VmId } from '@golem-provider/contracts';
import { type DataDirectory, isErrorCode, type Logger, withDeadline } from '@golem-provider/service-kit';
import { readInventory } from '@golem-provider/store';
import type { Redis } from 'ioredis';
import { isForwardFileName } from '../forwarding/forward-file.ts';
import { findBusyPorts, type PortSpan } from '../forwarding/port-probe.ts';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import { createManifestStore } from '../manifest/manifest-store.ts';
import { readJobStates } from '../queue/job-states.ts';
import type { World } from './world.ts';

const LOOK_TIMEOUT_MS = 60_000;

/** What is looked at. Nothing of it is changed. */
export interface WorldSources {
  readonly redis: Redis;
  readonly hostId: HostId;
  readonly hypervisor: Pick<Hypervisor, 'list'>;
  readonly forwarder: Pick<PortForwarder, 'list'>;
  readonly data: DataDirectory;
  /** The directory of the forwards' files. */
  readonly forwardDirectory: string;
  readonly portRange: PortSpan;
  readonly logger: Logger;
}

async function names(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/**
 * Looks at everything once.
 *
 * @throws AppError `STORE_UNAVAILABLE`, errors of the file system, the signal's reason.
 */
export async function collectWorld(sources: WorldSources, signal: AbortSignal): Promise<World> {
  const { redis, hostId, hypervisor, forwarder, data, forwardDirectory, portRange, logger } = sources;
  const listMachines = async (): Promise<World['machines']> => {
    try {
      return await hypervisor.list({ signal: withDeadline(signal, LOOK_TIMEOUT_MS) });
    } catch (err) {
      signal.throwIfAborted();
      logger.warn({ err }, 'the hypervisor does not answer');
      return undefined;
    }
  };
  const [inventory, jobs, machines, forwards, listening] = await Promise.all([
    readInventory(redis, hostId),
    readJobStates(redis, hostId),
    listMachines(),
    forwarder.list(),
    findBusyPorts(portRange, new Set()),
  ]);
  const vmEntries = await names(data.vms);
  const instanceEntries = await names(data.instances);
  const idsIn = (entries: readonly string[]): VmId[] => entries.flatMap((name) => VmId.safeParse(name).data ?? []);
  const othersIn = (entries: readonly string[], path: string): string[] =>
    entries.filter((name) => !VmId.safeParse(name).success).map((name) => `${path}/${name}`);
  const directories = await Promise.all(idsIn(vmEntries).map(async (id) => [id, await names(data.vm(id))] as const));
  const readOnly = (): never => {
    throw new Error('an audit changes nothing');
  };
  return {
    inventory,
    jobs,
    machines,
    forwards,
    otherForwardFiles: (await names(forwardDirectory)).filter((name) => !isForwardFileName(name)),
    listening: new Set(listening),
    directories: new Map(directories),
    instances: idsIn(instanceEntries),
    otherEntries: [...othersIn(vmEntries, data.vms), ...othersIn(instanceEntries, data.instances)],
    manifests: await createManifestStore(data, hostId, readOnly).readAll(),
  };
}
