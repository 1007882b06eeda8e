import type { SshTarget, VmId } from '@golem-provider/contracts';
import type { CallContext } from '../hypervisor/hypervisor.ts';

/** A public port of the host that leads to a VM's sshd. */
export interface PortForward {
  readonly vmId: VmId;
  readonly port: number;
  readonly target: SshTarget;
}

/**
 * What came of a wish for a port. `port_busy`: another program of the host, or another VM's forward, holds it; an earlier
 * forward of the VM stays as it was.
 */
export type ForwardOutcome = 'forwarded' | 'port_busy';

/** What comes with a forward. */
export interface ForwardContext extends CallContext {
  /** That more forwards are about to be asked for: in a burst of them this one may be kept back for some seconds. */
  readonly mayWait?: boolean;
}

/**
 * Leads public ports to the VMs. Implemented over nginx. Idempotent: asked for what is there already, it does nothing.
 * Connections that are open survive every change. Throws AppError `PROXY_FAILED` with the proxy's own words in the message,
 * everything being as it was before. When the signal aborts, a change that has begun is brought to its end all the same.
 */
export interface PortForwarder {
  /**
   * Makes the proxy run with what is configured; also mends one that was killed. To be called every minute or so. A file
   * that the proxy refuses, or whose port another program has taken while the proxy was down, is left out and logged: it
   * is missing in `list` afterwards.
   */
  ensureRunning(context: CallContext): Promise<void>;
  /** The forwards that are configured, by VM. Files of others are left out. */
  list(): Promise<ReadonlyMap<VmId, PortForward>>;
  /** Resolves when the proxy has taken the forward into service. Replaces an earlier one of the same VM. */
  forward(forward: PortForward, context: ForwardContext): Promise<ForwardOutcome>;
  /** Resolves when the port is closed to new connections. */
  remove(vmId: VmId, context: CallContext): Promise<void>;
}
