import type { OperationId, VmRecord } from '@golem-provider/contracts';
import { type Clock, type Logger, type Periodic, periodic } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { PortForward, PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor, Observation } from '../hypervisor/hypervisor.ts';
import type { VmTurns } from '../operations/vm-turns.ts';
import type { OperationQueue } from '../queue/operation-queue.ts';
import type { WorkerHealth } from '../worker-health.ts';
import type { ManifestRestorer, RestoreReport } from '../manifest/restore.ts';
import { createAbsences } from './absences.ts';
import type { DriftAudit } from './drift-audit.ts';
import type { FaultPoints } from './fault-points.ts';
import { type HostLook, lookAtHost } from './host-look.ts';
import { IN_WASTEBASKET, LOST_FOR_GOOD, MISSING, type Shown } from './interruption.ts';
import type { LaunchSlots } from './launch-slots.ts';
import { createMendSchedule } from './mend-schedule.ts';
import { createMender } from './mender.ts';
import type { Mends } from './mends.ts';
import { type Reconciler, settledState } from './reconciler.ts';
import { createRetention } from './retention.ts';
import type { StrayCollector } from './strays.ts';
import { triage } from './triage.ts';

/** How often the host is looked at. */
export interface ResyncTiming {
  readonly intervalMs: number;
  /** While the hypervisor or the proxy does not answer. */
  readonly unhealthyIntervalMs: number;
}

const DEFAULT_TIMING: ResyncTiming = { intervalMs: 60_000, unhealthyIntervalMs: 10_000 };

/** What the resync works with. */
export interface ResyncDeps {
  readonly records: RecordStore;
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly reconciler: Reconciler;
  readonly turns: VmTurns;
  readonly queue: Pick<OperationQueue, 'ensureJob' | 'boundLocks'>;
  readonly audit: DriftAudit;
  /** That a VM which is stopped gives its cores and memory back. */
  readonly releaseOnStop: boolean;
  readonly health: WorkerHealth;
  /** The ports of the range that other programs listen on. */
  readonly findBusyPorts: (own: ReadonlySet<number>) => Promise<number[]>;
  readonly restorer: ManifestRestorer;
  readonly strays: StrayCollector;
  readonly mends: Mends;
  /** Machines that are started by themselves, as after a reboot, wait here, the oldest first. */
  readonly bootSlots: LaunchSlots;
  /** Called once, after the first look that hypervisor and proxy answered, with what an earlier worker had in hand. */
  readonly onFirstLook: (inHand: readonly OperationId[]) => void;
  readonly faults: FaultPoints;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing?: Partial<ResyncTiming> | undefined;
}

const ABSENT: Observation = { power: 'absent', ipAddress: null, sshTarget: null };
/** What is to be seen while the hypervisor does not answer. */
const NOT_KNOWN: Pick<Shown, 'status'> = { status: 'unknown' };

/** The forward of a VM while the proxy does not tell: none of its business is done then, so it is taken for right. */
function presumedForward(vm: VmRecord, { sshTarget: target }: Observation): PortForward | undefined {
  if (vm.desired !== 'running' || vm.proxy_port === null || target === null) return undefined;
  return { vmId: vm.id, port: vm.proxy_port, target };
}

/**
 * Every minute, and whenever it is asked to: puts back what Redis has lost, gives operations that lost their job a new one,
 * looks at the whole host once, and mends what differs from the records. It never acts on an error: a hypervisor that does not
 * answer makes VMs `unknown`, nothing else; a proxy that does not answer says nothing about them.
 */
export function createResync(deps: ResyncDeps): Periodic {
  const { records, hypervisor, forwarder, turns, queue, audit, health, restorer, strays, releaseOnStop } = deps;
  const { faults, clock, logger } = deps;
  const timing = { ...DEFAULT_TIMING, ...deps.timing };
  const absences = createAbsences(clock);
  const retention = createRetention(clock);
  const schedule = createMendSchedule(clock);
  const mender = createMender({ ...deps, schedule });
  let hasLooked = false;

  const miss = async (vm: VmRecord): Promise<void> => {
    const isLost = absences.miss(vm.id);
    logger.warn({ vm_id: vm.id, is_lost: isLost }, 'the machine is not there');
    if (isLost) return mender.show(vm, LOST_FOR_GOOD);
    // Once it was proven lost, only its return changes that.
    if (vm.error?.code !== 'VM_LOST') await mender.show(vm, MISSING);
  };

  const examine = async (vm: VmRecord, seen: HostLook, signal: AbortSignal): Promise<void> => {
    if (seen.machines === undefined) {
      const isTold = vm.error?.code === 'VM_LOST';
      if (settledState(vm, releaseOnStop) !== undefined && !isTold)
        await mender.show(vm, { ...NOT_KNOWN, error: vm.error });
      return;
    }
    const machine = seen.machines.get(vm.id) ?? ABSENT;
    const forward = seen.forwards === undefined ? presumedForward(vm, machine) : seen.forwards.get(vm.id);
    const verdict = triage(vm, { ...machine, forward }, hypervisor.capabilities, releaseOnStop);
    if (verdict !== 'missing') absences.saw(vm.id);
    switch (verdict) {
      case 'leave':
        return;
      case 'settle':
        return mender.show(vm, { status: vm.status, ...settledState(vm, releaseOnStop), error: null });
      case 'reconcile':
        return mender.mend(vm, machine, signal);
      case 'missing':
        return miss(vm);
      case 'trashed':
        return mender.show(vm, IN_WASTEBASKET);
      case 'discarded':
        if (seen.forwards !== undefined && retention.isOver(vm)) await records.forget(vm);
        return;
    }
  };

  const look = async (compared: RestoreReport, signal: AbortSignal): Promise<void> => {
    // In this order: what changes after its record was read is left to the next look by the record's revision, and an
    // operation that was accepted meanwhile shows among those that are pending.
    const vms = await records.listVms();
    const ids = new Set(vms.map((vm) => vm.id));
    for (const memory of [absences, retention, schedule]) memory.keepOnly(ids);
    const seen = await lookAtHost({ hypervisor, forwarder, health, logger }, signal);
    if (seen.machines === undefined) absences.doubtAll();
    const pending = await records.listPendingOperations();
    const inHand: OperationId[] = [];
    await queue.boundLocks();
    for (const operation of pending) if (await queue.ensureJob(operation)) inHand.push(operation.id);
    const busy = new Set(pending.map((operation) => operation.vm_id));
    await audit.run(vms);
    for (const vm of vms) if (!busy.has(vm.id) && !turns.isBusy(vm.id)) await examine(vm, seen, signal);
    const own = new Set(vms.flatMap((vm) => (vm.proxy_port === null ? [] : [vm.proxy_port])));
    await records.setBusyPorts(await deps.findBusyPorts(own));
    if (seen.machines !== undefined && seen.forwards !== undefined) {
      if (!hasLooked) deps.onFirstLook(inHand);
      hasLooked = true;
      const [machines, forwards] = [seen.machines.keys(), seen.forwards.keys()];
      await strays.collect({ known: ids, machines, forwards, ...compared }, signal);
    }
  };

  const task = periodic({
    name: 'resync',
    intervalMs: () => (health.reason() === null ? timing.intervalMs : timing.unhealthyIntervalMs),
    logger,
    run: async (signal) => {
      faults.reach('look begins');
      const compared = await restorer.run();
      if (compared.restored.length > 0) strays.lossNoticed();
      // Nothing of the look depends on the files, and a disk may take long for very many. Both are brought to an end.
      const outcomes = await Promise.allSettled([look(compared, signal), compared.writeManifests(signal)]);
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      faults.reach('look ends');
    },
  });
  return {
    ...task,
    async stop() {
      await task.stop();
      await mender.settled();
    },
  };
}
