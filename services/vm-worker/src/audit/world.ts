import type { VmId } from '@golem-provider/contracts';
import type { Inventory } from '@golem-provider/store';
import type { PortForward } from '../forwarding/port-forwarder.ts';
import type { Observation } from '../hypervisor/hypervisor.ts';
import type { ManifestFinding } from '../manifest/manifest-store.ts';

/** One look at everything: Redis, the queue, the hypervisor, the proxy, the ports and the data directory. */
export interface World {
  readonly inventory: Inventory;
  /** State of each job in the queue, by operation id. */
  readonly jobs: ReadonlyMap<string, string>;
  /** Undefined when the hypervisor does not answer. */
  readonly machines: ReadonlyMap<VmId, Observation> | undefined;
  readonly forwards: ReadonlyMap<VmId, PortForward>;
  /** Names of files beside those of the forwards. */
  readonly otherForwardFiles: readonly string[];
  /** Ports of the range on which anybody listens. */
  readonly listening: ReadonlySet<number>;
  /** The files in each VM's own directory. */
  readonly directories: ReadonlyMap<VmId, readonly string[]>;
  /** VMs that have a directory of the hypervisor's files. */
  readonly instances: readonly VmId[];
  /** Entries of these directories that are named like no VM. */
  readonly otherEntries: readonly string[];
  readonly manifests: ReadonlyMap<VmId, ManifestFinding>;
}
