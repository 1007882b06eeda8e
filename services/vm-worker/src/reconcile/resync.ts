import type { OperationId, VmId, VmRecord } from '@golem-provider/contracts';
import {
  type Clock,
  errorChain,
  type Logger,
  type Periodic,
  periodic,
  toAppError,
  withDeadline,
} from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { PortForward, PortForwarder } from '../forwarding/port-forwarder.ts';
import type { Hypervisor, Observation } from '../hypervisor/hypervisor.ts';
import type { VmTurns } from '../operations/vm-turns.ts';
import type { OperationQueue } from '../queue/operation-queue.ts';
import type { WorkerHealth } from '../worker-health.ts';
import type { ManifestRestorer } from '../manifest/restore.ts';
import type { LaunchSlots } from './launch-slots.ts';
import type { Reconciler } from './reconciler.ts';
import { settledStatus } from './reconciler.ts';
import type { StrayCollector } from './strays.ts';
import { triage } from './triage.ts';

const INTERVAL_MS = 60_000;
/** While the hypervisor or the proxy does not answer, they are asked this often. */
const UNHEALTHY_INTERVAL_MS = 10_000;
const LOOK_TIMEOUT_MS = 60_000;
/** A machine counts as lost after so many looks in a row without it, a minute apart. */
const LOOKS_UNTIL_LOST = 5;

/** What the resync works with. */
export interface ResyncDeps {
  readonly records: RecordStore;
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly reconciler: Reconciler;
  readonly turns: VmTurns;
  readonly queue: Pick<OperationQueue, 'ensureJob'>;
  readonly health: WorkerHealth;
  /** The ports of the range that other programs listen on. */
  readonly findBusyPorts: (own: ReadonlySet<number>) => Promise<number[]>;
  readonly restorer: ManifestRestorer;
  readonly strays: StrayCollector;
  /** Machines that are started by themselves, as after a reboot, wait here, the oldest first. */
  readonly bootSlots: LaunchSlots;
  /** Called once, after the first look that hypervisor and proxy answered, with what an earlier worker had in hand. */
  readonly onFirstLook: (inHand: readonly OperationId[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Look {
  readonly machines: ReadonlyMap<VmId, Observation>;
  readonly forwards: ReadonlyMap<VmId, PortForward>;
}

const ABSENT: Observation = { power: 'absent', ipAddress: null, sshTarget: null };

/**
 * Every minute: puts back what Redis has lost, gives operations that lost their job a new one, looks at the whole host once,
 * and mends what differs from the records. It never acts on an error: what did not answer makes VMs `unknown`, nothing else.
 */
export function createResync(deps: ResyncDeps): Periodic {
  const { records, hypervisor, forwarder, reconciler, turns, queue, health, clock, logger } = deps;
  const absences = new Map<VmId, number>();
  /** Mends run past the end of the look that found them, as a boot takes long. */
  const mends = new Map<VmId, Promise<void>>();
  let hasLooked = false;

  const look = async (outer: AbortSignal): Promise<Look | undefined> => {
    const signal = withDeadline(outer, LOOK_TIMEOUT_MS);
    const guarded = async <Value>(
      part: 'hypervisor' | 'proxy',
      run: () => Promise<Value>,
    ): Promise<Value | undefined> => {
      try {
        const value = await run();
        health.observed(part, undefined);
        return value;
      } catch (err) {
        outer.throwIfAborted();
        health.observed(part, err);
        logger.error({ err }, `the ${part} does not answer`);
        return undefined;
      }
    };
    const machines = await guarded('hypervisor', async () => {
      health.probed(await hypervisor.probe({ signal }));
      return hypervisor.list({ signal });
    });
    const forwards = await guarded('proxy', async () => {
      await forwarder.ensureRunning({ signal });
      return forwarder.list();
    });
    return machines === undefined || forwards === undefined ? undefined : { machines, forwards };
  };

  const setStatus = async (vm: VmRecord, status: VmRecord['status']): Promise<void> => {
    await records.update({
      vm: {
        id: vm.id,
        change: (current) =>
          current.revision === vm.revision && current.status !== status ? { ...current, status } : undefined,
      },
    });
  };

  const mend = (vm: VmRecord, isBoot: boolean, signal: AbortSignal): void => {
    if (mends.has(vm.id)) return;
    const takeTurn = (): Promise<void> =>
      turns.take(vm.id, { overtakes: false, signal }, async (turnSignal) => {
        const current = await records.getVm(vm.id);
        if (current?.generation !== vm.generation) return;
        const steps = await reconciler.reconcile(current, { signal: turnSignal, onProgress: () => undefined });
        logger.info({ vm_id: vm.id, steps }, 'mended');
        const status = settledStatus(current);
        if (status === undefined) return;
        await records.update({
          vm: {
            id: vm.id,
            change: (now) =>
              now.generation === vm.generation && (now.status !== status || now.error !== null)
                ? { ...now, status, error: null }
                : undefined,
          },
        });
      });
    const run = async (): Promise<void> => {
      try {
        await (isBoot ? deps.bootSlots.hold(signal, takeTurn) : takeTurn());
      } catch (error) {
        if (signal.aborted) return;
        const err = toAppError(error, `mending ${vm.id}`);
        logger.warn({ err, vm_id: vm.id }, `could not be mended: ${errorChain(err)}`);
      }
    };
    mends.set(
      vm.id,
      run().finally(() => mends.delete(vm.id)),
    );
  };

  const miss = async (vm: VmRecord): Promise<void> => {
    const count = (absences.get(vm.id) ?? 0) + 1;
    absences.set(vm.id, count);
    logger.warn({ vm_id: vm.id, count }, 'the machine is not there');
    if (count < LOOKS_UNTIL_LOST) return setStatus(vm, 'unknown');
    const message = 'The machine is gone from the hypervisor. Recreate the VM, which makes it empty, or delete it.';
    await records.update({
      vm: {
        id: vm.id,
        change: (current) =>
          current.revision === vm.revision && current.status !== 'error'
            ? { ...current, status: 'error', error: { code: 'HYPERVISOR_FAILED', message } }
            : undefined,
      },
    });
  };

  const examine = async (vm: VmRecord, seen: Look | undefined, signal: AbortSignal): Promise<void> => {
    if (seen === undefined) {
      if (vm.desired === 'running' || vm.desired === 'stopped') await setStatus(vm, 'unknown');
      return;
    }
    const observed = { ...(seen.machines.get(vm.id) ?? ABSENT), forward: seen.forwards.get(vm.id) };
    const verdict = triage(vm, observed, hypervisor.capabilities, clock.now());
    if (verdict !== 'missing') absences.delete(vm.id);
    switch (verdict) {
      case 'leave':
        return;
      case 'settle':
        return setStatus(vm, settledStatus(vm) ?? vm.status);
      case 'reconcile':
        if (vm.desired === 'running' && observed.power !== 'running') {
          await setStatus(vm, 'starting');
          mend(vm, true, signal);
        } else mend(vm, false, signal);
        return;
      case 'missing':
        return miss(vm);
      case 'expire':
        await records.forget(vm);
        return;
    }
  };

  const task = periodic({
    name: 'resync',
    intervalMs: () => (health.reason() === null ? INTERVAL_MS : UNHEALTHY_INTERVAL_MS),
    logger,
    run: async (signal) => {
      // In this order: what changes after its record was read is left to the next look by the record's revision, and an
      // operation that was accepted meanwhile shows among those that are pending.
      const compared = await deps.restorer.run();
      if (compared.restored.length > 0) deps.strays.lossNoticed();
      const vms = await records.listVms();
      const seen = await look(signal);
      const pending = await records.listPendingOperations();
      const inHand: OperationId[] = [];
      for (const operation of pending) if (await queue.ensureJob(operation)) inHand.push(operation.id);
      const busy = new Set(pending.map((operation) => operation.vm_id));
      for (const vm of vms) if (!busy.has(vm.id) && !turns.isBusy(vm.id)) await examine(vm, seen, signal);
      const own = new Set(vms.flatMap((vm) => (vm.proxy_port === null ? [] : [vm.proxy_port])));
      await records.setBusyPorts(await deps.findBusyPorts(own));
      if (seen === undefined) return;
      if (!hasLooked) deps.onFirstLook(inHand);
      hasLooked = true;
      const known = new Set(vms.map((vm) => vm.id));
      await deps.strays.collect(
        { known, machines: seen.machines.keys(), forwards: seen.forwards.keys(), ...compared },
        signal,
      );
    },
  });
  return {
    ...task,
    async stop() {
      await task.stop();
      await Promise.all(mends.values());
    },
  };
}
