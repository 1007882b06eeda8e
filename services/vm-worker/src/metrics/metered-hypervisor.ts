import { type Clock, isAppError } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';

/** A hypervisor whose calls are measured; it is the same in all else. `catalogue` runs no command and is not measured. */
export function meteredHypervisor(
  hypervisor: Hypervisor,
  metrics: Pick<Metrics, 'observe'>,
  clock: Pick<Clock, 'elapsed'>,
): Hypervisor {
  const measure = async <Result>(
    command: string,
    signal: AbortSignal,
    call: () => Promise<Result>,
  ): Promise<Result> => {
    const began = clock.elapsed();
    const end = (result: string): void =>
      metrics.observe('hypervisor_call_duration_seconds', { command, result }, (clock.elapsed() - began) / 1000);
    try {
      const result = await call();
      end('ok');
      return result;
    } catch (error) {
      if (signal.aborted) end('aborted');
      else end(isAppError(error) ? error.code : 'INTERNAL');
      throw error;
    }
  };
  return {
    name: hypervisor.name,
    capabilities: hypervisor.capabilities,
    catalogue: () => hypervisor.catalogue(),
    probe: (context) => measure('probe', context.signal, () => hypervisor.probe(context)),
    create: (spec, context) => measure('create', context.signal, () => hypervisor.create(spec, context)),
    start: (id, context) => measure('start', context.signal, () => hypervisor.start(id, context)),
    stop: (id, options, context) => measure('stop', context.signal, () => hypervisor.stop(id, options, context)),
    delete: (id, context) => measure('delete', context.signal, () => hypervisor.delete(id, context)),
    readSpec: (id, context) => measure('read_spec', context.signal, () => hypervisor.readSpec(id, context)),
    resize: (id, spec, context) => measure('resize', context.signal, () => hypervisor.resize(id, spec, context)),
    runInGuest: (id, command, options, context) =>
      measure('run_in_guest', context.signal, () => hypervisor.runInGuest(id, command, options, context)),
    observe: (id, context) => measure('observe', context.signal, () => hypervisor.observe(id, context)),
    list: (context) => measure('list', context.signal, () => hypervisor.list(context)),
  };
}
