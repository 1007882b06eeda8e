import type { GuestNetwork, HypervisorInfo, ImageName, SshTarget, VmId, VmSpec } from '@golem-provider/contracts';

/**
 * What the hypervisor says of a machine. `absent` and `preparing` are answers of a healthy hypervisor; `unknown` is a state
 * that it reports and that nothing can be concluded from. That it did not answer at all is an error, never a power state.
 */
export type PowerState =
  'absent' | 'preparing' | 'starting' | 'running' | 'stopping' | 'stopped' | 'suspended' | 'unknown';

/** One look at one machine. */
export interface Observation {
  readonly power: PowerState;
  /** The machine's own address on the host, once it has one. */
  readonly ipAddress: string | null;
  /** Where the guest's sshd is to be found from the host, once that is known; that it answers is not said. */
  readonly sshTarget: SshTarget | null;
  /** The hypervisor's own word where `power` is `unknown`. */
  readonly detail?: string;
  /** That somebody moved it to the hypervisor's wastebasket, from which `start` takes it back; `power` is `stopped`. */
  readonly isTrashed?: boolean;
}

/** What there is to be made: the machine and the identity of its guest. */
export interface InstanceSpec {
  readonly id: VmId;
  readonly spec: VmSpec;
  /** A name that `resolveImage` returned. */
  readonly image: ImageName;
  /** cloud-init user-data, a YAML document beginning with `#cloud-config`. Holds the private ssh host key. */
  readonly userData: string;
  /** The same identity piece by piece, for guests that take it faster than cloud-init does. */
  readonly authorizedKeys: readonly string[];
  /** OpenSSH format. */
  readonly hostPrivateKey: string;
}

/** How far a long call is. */
export interface CallProgress {
  readonly phase: 'fetching_image' | 'creating' | 'booting';
  /** Percent, where it is known. */
  readonly progress: number | null;
}

/** Comes with every call: when the signal aborts, the call ends soon and rejects with the signal's reason. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CallProgress) => void;
}

/** What a driver can do, consulted by those above it instead of its name. */
export interface Capabilities {
  /** False when `create` already powers the machine on. */
  readonly separateStart: boolean;
  /** How many machines may start at once, whatever the operator allows. */
  readonly maxParallelStarts: number;
  /** Whether a guest may come back at another address than the one it had. */
  readonly movesTargets: boolean;
}

/** The outcome of a probe: the driver works here. */
export interface ProbeResult {
  readonly version: string;
  /** `kvm`, `tcg`, or null where the hypervisor decides by itself. */
  readonly acceleration: string | null;
  readonly guestNetwork: GuestNetwork;
}

/**
 * One hypervisor, behind which nothing above knows which it is. Implemented by the Multipass and the QEMU driver; the
 * contract suite in `contract/` runs against both.
 *
 * Every verb is level-based and idempotent: it resolves when the machine *is* in that state, whoever put it there.
 * Drivers throw AppError only: `HYPERVISOR_UNAVAILABLE` (no answer: nothing is known), `HYPERVISOR_TIMEOUT`,
 * `HYPERVISOR_FAILED` (it refused; its words are in the message, cleaned ones in `publicDetail`), `IMAGE_UNKNOWN`,
 * `IMAGE_UNAVAILABLE`. Machines that this driver did not make for us are never touched and never listed.
 */
export interface Hypervisor {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Whether the driver works here. Throws `HYPERVISOR_UNAVAILABLE` with what is missing where it does not. */
  probe(context: CallContext): Promise<ProbeResult>;
  /** The images on offer and which of them is used when a request names none. Cheap: runs no command. */
  catalogue(): Promise<Pick<HypervisorInfo, 'images' | 'default_image'>>;
  /**
   * Makes the machine; resolves when it exists and, without `separateStart`, when it has been powered on. A machine with
   * this id that was left half made is replaced; one that is whole is kept as it is.
   */
  create(spec: InstanceSpec, context: CallContext): Promise<void>;
  /** Powers the machine on; resolves when it runs (its guest may still boot). Resumes one that is suspended. */
  start(id: VmId, context: CallContext): Promise<void>;
  /** Shuts the guest down; with `force`, or when it does not go down in time, cuts the power. Resolves when it is off. */
  stop(id: VmId, options: { readonly force: boolean }, context: CallContext): Promise<void>;
  /** Cuts the power and removes every trace. Resolves also when there is none. */
  delete(id: VmId, context: CallContext): Promise<void>;
  /** One look at one machine. */
  observe(id: VmId, context: CallContext): Promise<Observation>;
  /** One look at all machines that are ours, in one call of the hypervisor. */
  list(context: CallContext): Promise<ReadonlyMap<VmId, Observation>>;
}
