import { isDeepStrictEqual } from 'node:util';
import type { OperationPhase, VmId, VmRecord } from '@golem-provider/contracts';
import { errorChain, type Logger, toAppError } from '@golem-provider/service-kit';
import { LeaseLost, type RecordStore } from '@golem-provider/store';
import type { Observation, PowerState } from '../hypervisor/hypervisor.ts';
import { isPastPower, statusAfter, toFailure } from '../operations/failure.ts';
import { Overtaken, type VmTurns } from '../operations/vm-turns.ts';
import { type Shown, trashedMachine, whileMending, whileWaiting } from './interruption.ts';
import type { LaunchSlots } from './launch-slots.ts';
import type { MendSchedule } from './mend-schedule.ts';
import type { Mends } from './mends.ts';
import { type Reconciler, type Settled, settledState } from './reconciler.ts';

/** What a mender works with. */
export interface MenderDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'update'>;
  readonly reconciler: Reconciler;
  readonly turns: VmTurns;
  readonly schedule: MendSchedule;
  /** Machines that are started by themselves, as after a reboot, wait here, the oldest first. */
  readonly bootSlots: LaunchSlots;
  /** That a VM which is stopped gives its cores and memory back. */
  readonly releaseOnStop: boolean;
  readonly mends: Mends;
  readonly logger: Logger;
}

/** Brings VMs back to what their records wish although nobody asked for a change. */
export interface Mender {
  /** Writes what is to be seen of a VM, unless its record has changed since it was read. */
  show(vm: VmRecord, shown: Shown & Partial<Settled>): Promise<void>;
  /** Mends in the background, now or, where that failed lately, at a later call. What somebody asks for overtakes it. */
  mend(vm: VmRecord, seen: Observation, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is being mended. */
  settled(): Promise<void>;
}

/** Whether the machine is to be switched on; others are on their way. */
function isBoot({ desired }: VmRecord, power: PowerState): boolean {
  return desired === 'running' && power !== 'running' && power !== 'starting' && power !== 'preparing';
}

/** See `Mender`. */
export function createMender(deps: MenderDeps): Mender {
  const { records, reconciler, turns, schedule, bootSlots, releaseOnStop, mends, logger } = deps;
  /** They run past the end of the look that found them, as a boot takes long. */
  const underWay = new Map<VmId, Promise<void>>();

  const write = async (
    id: VmId,
    shown: Shown & Partial<Settled>,
    isMeant: (vm: VmRecord) => boolean,
  ): Promise<void> => {
    await records.update({
      vm: {
        id,
        change: (now) => {
          const then = { ...now, ...shown };
          return isMeant(now) && !isDeepStrictEqual(now, then) ? then : undefined;
        },
      },
    });
  };
  const isSameIntent =
    (vm: VmRecord) =>
    (now: VmRecord): boolean =>
      now.generation === vm.generation && now.desired === vm.desired;

  const run = async (vm: VmRecord, { power }: Observation, signal: AbortSignal): Promise<void> => {
    let isRevival = false;
    let phase: OperationPhase | undefined;
    /** By what is seen when the turn has come: what was seen before may be the work of an operation that has ended since. */
    const tell = async (seen: Observation): Promise<void> => {
      if (vm.desired === 'running' && seen.isTrashed === true) throw trashedMachine(vm.id);
      const shown = vm.desired === 'running' ? whileMending(seen) : undefined;
      isRevival = shown !== undefined && shown.error !== null;
      if (shown !== undefined) await write(vm.id, shown, isSameIntent(vm));
    };
    const takeTurn = (): Promise<void> =>
      turns.take(vm.id, { overtakes: false, yields: true, signal }, async (turnSignal) => {
        const current = await records.getVm(vm.id);
        if (current === undefined || !isSameIntent(vm)(current)) return;
        const steps = await reconciler.reconcile(current, {
          signal: turnSignal,
          onProgress: (now) => {
            phase = now;
          },
          onWork: tell,
        });
        if (steps.length > 0) {
          logger.info({ vm_id: vm.id, steps }, 'mended');
          await mends.tell(vm.id, 'vm');
        }
        schedule.ended(vm, power, isRevival ? 'revived' : 'kept');
        const settled = settledState(current, releaseOnStop);
        if (settled !== undefined) await write(vm.id, { ...settled, error: null }, isSameIntent(vm));
      });
    try {
      await (isBoot(vm, power) ? bootSlots.hold(signal, takeTurn) : takeTurn());
    } catch (error) {
      if (signal.aborted || error instanceof Overtaken || error instanceof LeaseLost) return;
      const err = toAppError(error, `mending ${vm.id}`);
      schedule.ended(vm, power, 'failed');
      logger.warn({ err, vm_id: vm.id }, `could not be mended: ${errorChain(err)}`);
      const settled = settledState(vm, releaseOnStop);
      if (settled === undefined) return;
      const status = isPastPower(phase) ? settled.status : statusAfter(err);
      const shown: Shown = { status, error: status === 'unknown' ? null : toFailure(err) };
      await write(vm.id, shown, isSameIntent(vm));
    }
  };

  const start = (vm: VmRecord, seen: Observation, signal: AbortSignal): void => {
    const promise = run(vm, seen, signal)
      .catch((err: unknown) => logger.warn({ err, vm_id: vm.id }, 'the outcome of a mend could not be recorded'))
      .finally(() => underWay.delete(vm.id));
    underWay.set(vm.id, promise);
  };

  const show: Mender['show'] = (vm, shown) => write(vm.id, shown, (now) => now.revision === vm.revision);

  return {
    show,
    async mend(vm, seen, signal) {
      if (underWay.has(vm.id)) return;
      const waitMs = schedule.waitMs(vm, seen.power);
      if (waitMs === 0) {
        // Also of those that have to wait for others to boot.
        const shown = isBoot(vm, seen.power) ? whileMending(seen) : undefined;
        if (shown !== undefined) await show(vm, shown);
        start(vm, seen, signal);
      }
      // What failed last is shown already.
      else if (vm.error === null && vm.desired === 'running' && seen.power !== 'running')
        await show(vm, whileWaiting(waitMs));
    },
    async settled() {
      await Promise.all(underWay.values());
    },
  };
}
