import type { OperationPhase, VmId, VmRecord, VmStatus } from '@golem-provider/contracts';
import type { Clock, Logger } from '@golem-provider/service-kit';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import { type Adoption, machineGone, planAdoption } from './adoption.ts';
import type { LaunchSlots } from './launch-slots.ts';
import { type Observed, plan, type StepName } from './plan.ts';
import { type Step, STEP_PHASES } from './steps.ts';

/** What a reconciler works with. */
export interface ReconcilerDeps {
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly steps: Readonly<Record<StepName, Step>>;
  readonly slots: LaunchSlots;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What accompanies one reconciliation. */
export interface ReconcileContext {
  readonly signal: AbortSignal;
  readonly onProgress: (phase: OperationPhase, progress: number | null) => void;
  /** That the machine, if it runs, is to go down and come up again. */
  readonly powerCycle?: boolean;
  /** That the machine is to be replaced by a new, empty one. */
  readonly recreate?: boolean;
  /** That a machine which is gone is a failure, not one to be made: its data would be missing without a word. */
  readonly mustExist?: boolean;
}

/** Makes the host look as one record wishes. */
export interface Reconciler {
  /** Looks, plans, and runs the plan; resolves with the steps that were run. Safe to repeat from any point. */
  reconcile(vm: VmRecord, context: ReconcileContext): Promise<readonly StepName[]>;
  /** Takes the machine as it is; resolves with what the VM should be from now on. Rejects as `planAdoption` does. */
  adopt(id: VmId, context: ReconcileContext): Promise<Adoption['desired']>;
}

/** The status of a VM whose host looks as wished; undefined where the record is gone or says it already. */
export function settledStatus(vm: VmRecord): VmStatus | undefined {
  switch (vm.desired) {
    case 'running':
      return 'running';
    case 'stopped':
      return 'stopped';
    case 'deleted':
    case 'discarded':
      return undefined;
  }
}

/** Steps that keep a core or a download busy; together with what follows them they hold a launch slot. */
const LAUNCHES: ReadonlySet<StepName> = new Set(['create_instance', 'start_instance']);

/** The reconciler over a driver, a proxy and the steps. */
export function createReconciler({ hypervisor, forwarder, steps, slots, clock, logger }: ReconcilerDeps): Reconciler {
  const observe = async (id: VmId, signal: AbortSignal): Promise<Observed> => {
    const [machine, forwards] = await Promise.all([hypervisor.observe(id, { signal }), forwarder.list()]);
    return { ...machine, forward: forwards.get(id) };
  };

  const runSteps = async (
    names: readonly StepName[],
    id: VmId,
    { signal, onProgress }: ReconcileContext,
  ): Promise<void> => {
    for (const name of names) {
      signal.throwIfAborted();
      onProgress(STEP_PHASES[name], null);
      const startedMs = clock.elapsed();
      await steps[name]({ id, signal, onProgress });
      logger.debug({ vm_id: id, step: name, duration_ms: clock.elapsed() - startedMs }, 'step done');
    }
  };

  return {
    async reconcile(vm, context) {
      const seen = await observe(vm.id, context.signal);
      const { powerCycle = false, recreate = false, mustExist = false } = context;
      if (mustExist && seen.power === 'absent') throw machineGone(`looking at the machine of ${vm.id}`);
      const names = plan({ ...vm, powerCycle, recreate }, seen, hypervisor.capabilities);
      logger.debug({ vm_id: vm.id, desired: vm.desired, power: seen.power, steps: names }, 'planned');
      const launchAt = names.findIndex((name) => LAUNCHES.has(name));
      if (launchAt === -1) {
        await runSteps(names, vm.id, context);
      } else {
        await runSteps(names.slice(0, launchAt), vm.id, context);
        await slots.hold(context.signal, () => runSteps(names.slice(launchAt), vm.id, context));
      }
      return names;
    },
    async adopt(id, context) {
      const { desired, steps: names } = planAdoption(await observe(id, context.signal));
      await runSteps(names, id, context);
      return desired;
    },
  };
}
