import type { VmId } from '@golem-provider/contracts';
import { type Logger, withDeadline } from '@golem-provider/service-kit';
import type { PortForward, PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor, Observation } from '../hypervisor/hypervisor.ts';
import type { HealthPart, WorkerHealth } from '../worker-health.ts';

const LOOK_TIMEOUT_MS = 60_000;

/** One look at the whole host. A part that did not answer is undefined: nothing is known of it, and of it alone. */
export interface HostLook {
  readonly machines: ReadonlyMap<VmId, Observation> | undefined;
  readonly forwards: ReadonlyMap<VmId, PortForward> | undefined;
}

/** What is looked at, and who is told how that went. */
export interface HostLookDeps {
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly health: WorkerHealth;
  readonly logger: Logger;
}

/**
 * Looks at hypervisor and proxy side by side, each with a deadline of its own: one that hangs says nothing about the other.
 * Rejects on abort only.
 */
export async function lookAtHost(deps: HostLookDeps, outer: AbortSignal): Promise<HostLook> {
  const { hypervisor, forwarder, health, logger } = deps;
  const guarded = async <Value>(
    part: HealthPart,
    run: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value | undefined> => {
    try {
      const value = await run(withDeadline(outer, LOOK_TIMEOUT_MS));
      health.observed(part, undefined);
      return value;
    } catch (err) {
      outer.throwIfAborted();
      health.observed(part, err);
      logger.error({ err }, `the ${part} does not answer`);
      return undefined;
    }
  };
  const [machines, forwards] = await Promise.all([
    guarded('hypervisor', async (signal) => {
      health.probed(await hypervisor.probe({ signal }));
      return hypervisor.list({ signal });
    }),
    guarded('proxy', async (signal) => {
      await forwarder.ensureRunning({ signal });
      return forwarder.list();
    }),
  ]);
  return { machines, forwards };
}
