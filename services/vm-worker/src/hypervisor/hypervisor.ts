import type {
  GuestNetwork,
  HypervisorInfo,
  ImageName,
  SshPublicKey,
  SshTarget,
  VmId,
  VmSpec,
} from '@golem-provider/contracts';

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
  /** The same identity piece by piece, for guests that take it faster than cloud-init does: lines of `authorized_keys`. */
  readonly authorizedKeys: readonly string[];
  /** OpenSSH format. */
  readonly hostPrivateKey: string;
  readonly hostPublicKey: SshPublicKey;
  /**
   * The secret half of a key that is among the authorised ones, OpenSSH format: with it `runInGuest` gets in. Null for a driver
   * without the capability `managementKey`.
   */
  readonly managementPrivateKey: string | null;
}

/** What accompanies a command in a guest. */
export interface GuestCommandOptions {
  /** Its standard input, at most `MAX_GUEST_INPUT_BYTES`; nothing when left out. Secrets travel here, never as arguments. */
  readonly input?: string;
  /** How long it may run in the guest; a minute when left out. Then it is ended, and its exit code is 124. */
  readonly timeoutMs?: number;
}

/** How a command in a guest ended. Output beyond `MAX_GUEST_OUTPUT_BYTES` was cut off. */
export interface GuestCommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
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
  /** Told when what `create` and `start` do keeps the host busy no more, as only looks are left; not by every driver. */
  readonly onBooted?: () => void;
  /** Told what `create` and `start` saw of the machine at their end, where they looked: whoever goes on need not look again. */
  readonly onSeen?: (seen: Observation) => void;
}

/** What a driver can do, consulted by those above it instead of its name. */
export interface Capabilities {
  /** False when `create` already powers the machine on; its guest has booted when `create` or `start` resolves then. */
  readonly separateStart: boolean;
  /** How many machines may start at once, whatever the operator allows. */
  readonly maxParallelStarts: number;
  /** Whether `runInGuest` needs a key of its own that the guest authorises; `create` is given it then. */
  readonly managementKey: boolean;
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
 * `IMAGE_UNAVAILABLE`, `GUEST_UNREACHABLE`. Machines that this driver did not make for us are never touched and never listed.
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
  /** What the machine has, in whole GiB, also while it is off. Throws `HYPERVISOR_FAILED` where there is none. */
  readSpec(id: VmId, context: CallContext): Promise<VmSpec>;
  /**
   * Gives a machine that is off other cores, other memory and a larger disk; resolves when it has all three. The guest grows
   * its root file system at its next boot.
   *
   * Throws `HYPERVISOR_FAILED`, not retryable and with nothing changed, where the machine is not off or its disk would shrink.
   * After any other failure it may have some of it: `readSpec` tells.
   */
  resize(id: VmId, spec: VmSpec, context: CallContext): Promise<void>;
  /**
   * Runs a command in the guest as its user, `ubuntu`, with `sudo` at its disposal. The arguments arrive as they are: no shell
   * reads them. Resolves with whatever exit code it gave. Not idempotent: a call that failed may have run.
   *
   * A machine that is not running is never started by this: `HYPERVISOR_FAILED`, not retryable. `GUEST_UNREACHABLE` where the
   * guest does not let us in or says nothing that makes sense. When the caller aborts, the command ends by its own deadline.
   */
  runInGuest(
    id: VmId,
    command: readonly string[],
    options: GuestCommandOptions,
    context: CallContext,
  ): Promise<GuestCommandResult>;
  /** One look at one machine. */
  observe(id: VmId, context: CallContext): Promise<Observation>;
  /** One look at all machines that are ours, in one call of the hypervisor. */
  list(context: CallContext): Promise<ReadonlyMap<VmId, Observation>>;
}
