import type { OperationPhase, VmId, VmRecord } from '@golem-provider/contracts';
import type { Clock, Logger } from '@golem-provider/service-kit';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor, Observation } from '../hypervisor/hypervisor.ts';
import { type Adoption, planAdoption } from './adoption.ts';
import type { FaultPoints } from './fault-points.ts';
import { missingMachine } from './interruption.ts';
import type { LaunchSlots } from './launch-slots.ts';
import { type Observed, plan, type StepName } from './plan.ts';
import { type Step, STEP_PHASES } from './steps.ts';

/** What a reconciler works with. */
export interface ReconcilerDeps {
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly steps: Readonly<Record<StepName, Step>>;
  readonly slots: LaunchSlots;
  readonly faults: FaultPoints;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What accompanies one reconciliation. */
export interface ReconcileContext {
  readonly signal: AbortSignal;
  readonly onProgress: (phase: OperationPhase, progress: number | null) => void;
  /** That the machine, if it is on, is to go down and come up again. */
  readonly powerCycle?: boolean;
  /** That the guest is to have the keys of the record when this is done. */
  readonly updateKeys?: boolean;
  /** That the machine is to be replaced by a new, empty one. */
  readonly recreate?: boolean;
  /**
   * That there may be no machine. Without it a VM whose machine is not there fails: a new one in its place would be empty,
   * and nobody would know.
   */
  readonly mayBeAbsent?: boolean;
  /** That nothing has been done for the VM yet. Not looked at then: each step of a creation finds done what is. */
  readonly isUntouched?: boolean;
  /** Told what was seen, before anything is done about it; not where there is nothing to do. */
  readonly onWork?: (seen: Observed) => Promise<void>;
}

/** Makes the host look as one record wishes. */
export interface Reconciler {
  /** Looks, plans, and runs the plan; resolves with the steps that were run. Safe to repeat from any point. */
  reconcile(vm: VmRecord, context: ReconcileContext): Promise<readonly StepName[]>;
  /** Takes the machine as it is; resolves with what the VM should be from now on. Rejects as `planAdoption` does. */
  adopt(id: VmId, context: ReconcileContext): Promise<Adoption['desired']>;
}

/** What the record of a VM says once the host looks as wished. */
export type Settled = Pick<VmRecord, 'status' | 'released'>;

/**
 * The settled form of a VM; undefined where the record is gone or says it already. Only here does a stop give cores and
 * memory back: once the machine is off, in the same write that says so.
 */
export function settledState(vm: Pick<VmRecord, 'desired' | 'released'>, releaseOnStop: boolean): Settled | undefined {
  switch (vm.desired) {
    case 'running':
      return { status: 'running', released: vm.released };
    case 'stopped':
      return { status: 'stopped', released: vm.released || releaseOnStop };
    case 'deleted':
    case 'discarded':
      return undefined;
  }
}

/** Whether the record is settled already. */
export function isSettled(vm: VmRecord, settled: Settled | undefined): boolean {
  return settled === undefined || (vm.status === settled.status && vm.released === settled.released);
}

/** Whether a VM cannot be as it is wished without a machine. */
function needsMachine({ desired }: VmRecord): boolean {
  switch (desired) {
    case 'running':
    case 'stopped':
      return true;
    case 'deleted':
    case 'discarded':
      return false;
  }
}

const NOT_LOOKED_AT: Observed = { power: 'absent', ipAddress: null, sshTarget: null, forward: undefined };

/** Steps that keep a core or a download busy; they hold a launch slot. */
const LAUNCHES: ReadonlySet<StepName> = new Set(['create_instance', 'start_instance']);

/** The reconciler over a driver, a proxy and the steps. */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { hypervisor, forwarder, steps, slots, faults, clock, logger } = deps;
  const observe = async (id: VmId, signal: AbortSignal): Promise<Observed> => {
    const [machine, forwards] = await Promise.all([hypervisor.observe(id, { signal }), forwarder.list()]);
    return { ...machine, forward: forwards.get(id) };
  };

  /** Each step is told what the one before saw of the machine; resolves with what the last one saw. */
  const runSteps = async (
    names: readonly StepName[],
    id: VmId,
    { signal, onProgress }: ReconcileContext,
    { seenBefore, onBooted }: { readonly seenBefore?: Observation | undefined; readonly onBooted?: () => void } = {},
  ): Promise<Observation | undefined> => {
    let seen = seenBefore;
    for (const name of names) {
      signal.throwIfAborted();
      onProgress(STEP_PHASES[name], null);
      const startedMs = clock.elapsed();
      faults.reach(`${name} begins`);
      const before = seen;
      seen = undefined;
      const onSeen = (now: Observation): void => {
        seen = now;
      };
      await steps[name]({ id, signal, onProgress, seen: before, onSeen, ...(onBooted !== undefined && { onBooted }) });
      faults.reach(`${name} ends`);
      logger.debug({ vm_id: id, step: name, duration_ms: clock.elapsed() - startedMs }, 'step done');
    }
    return seen;
  };

  return {
    async reconcile(vm, context) {
      const { powerCycle = false, updateKeys = false, recreate = false, mayBeAbsent = false } = context;
      // Where every step is to be run whatever there is, a look would cost a call of the hypervisor and change nothing.
      const isLookNeeded = needsMachine(vm) && context.isUntouched !== true;
      const seen = isLookNeeded ? await observe(vm.id, context.signal) : NOT_LOOKED_AT;
      if (seen.power === 'absent' && needsMachine(vm) && !mayBeAbsent) throw missingMachine(`reconciling ${vm.id}`);
      const names = plan({ ...vm, powerCycle, updateKeys, recreate }, seen, hypervisor.capabilities);
      logger.debug({ vm_id: vm.id, desired: vm.desired, power: seen.power, steps: names }, 'planned');
      if (names.length > 0) await context.onWork?.(seen);
      const launchAt = names.findIndex((name) => LAUNCHES.has(name));
      if (launchAt === -1) {
        await runSteps(names, vm.id, context);
      } else {
        // Where a start is a step of its own the guest boots after it, until it answers by ssh; otherwise it has booted by
        // then, and the next launch need not wait for the proxy.
        const isBootedAt = hypervisor.capabilities.separateStart
          ? names.length
          : names.findLastIndex((name) => LAUNCHES.has(name)) + 1;
        await runSteps(names.slice(0, launchAt), vm.id, context);
        const seenBefore = await slots.hold(context.signal, (onBooted) =>
          runSteps(names.slice(launchAt, isBootedAt), vm.id, context, { onBooted }),
        );
        await runSteps(names.slice(isBootedAt), vm.id, context, { seenBefore });
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
