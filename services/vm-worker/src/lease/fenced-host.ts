import type { Fence } from '@golem-provider/store';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';

/** A hypervisor of which every change needs the lease, and rejects with `LeaseLost` without. Looks are free. */
export function fenceHypervisor(hypervisor: Hypervisor, fence: Pick<Fence, 'throwIfLost'>): Hypervisor {
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    fence.throwIfLost();
    return run();
  };
  return {
    name: hypervisor.name,
    capabilities: hypervisor.capabilities,
    probe: (context) => hypervisor.probe(context),
    catalogue: () => hypervisor.catalogue(),
    observe: (id, context) => hypervisor.observe(id, context),
    list: (context) => hypervisor.list(context),
    readSpec: (id, context) => hypervisor.readSpec(id, context),
    create: (spec, context) => guarded(() => hypervisor.create(spec, context)),
    start: (id, context) => guarded(() => hypervisor.start(id, context)),
    stop: (id, options, context) => guarded(() => hypervisor.stop(id, options, context)),
    delete: (id, context) => guarded(() => hypervisor.delete(id, context)),
    resize: (id, spec, context) => guarded(() => hypervisor.resize(id, spec, context)),
    runInGuest: (id, command, options, context) => guarded(() => hypervisor.runInGuest(id, command, options, context)),
  };
}

/** A forwarder of which every change needs the lease, and rejects with `LeaseLost` without. */
export function fenceForwarder(forwarder: PortForwarder, fence: Pick<Fence, 'throwIfLost'>): PortForwarder {
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    fence.throwIfLost();
    return run();
  };
  return {
    ensureRunning: (context) => guarded(() => forwarder.ensureRunning(context)),
    list: () => forwarder.list(),
    forward: (forward, context) => guarded(() => forwarder.forward(forward, context)),
    remove: (vmId, context) => guarded(() => forwarder.remove(vmId, context)),
  };
}
