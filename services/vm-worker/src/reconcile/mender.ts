import { isDeepStrictEqual } from 'node:util';
import type { VmId, VmRecord } from '@golem-provider/contracts';
import { errorChain, type Logger, toAppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { Observation } from '../hypervisor/hypervisor.ts';
import { statusAfter, toFailure } from '../operations/failure.ts';
import { Overtaken, type VmTurns } from '../operations/vm-turns.ts';
import { type Shown, trashedMachine, whileMending, whileWaiting } from './interruption.ts';
import type { MendSchedule } from './mend-schedule.ts';
import { type Reconciler, settledStatus } from './reconciler.ts';

/** What a mender works with. */
export interface MenderDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'update'>;
  readonly reconciler: Reconciler;
  readonly turns: VmTurns;
  readonly schedule: MendSchedule;
  readonly logger: Logger;
}

/** Brings VMs back to what their records wish although nobody asked for a change. */
export interface Mender {
  /** Writes what is to be seen of a VM, unless its record has changed since it was read. */
  show(vm: VmRecord, shown: Shown): Promise<void>;
  /** Mends in the background, now or, where that failed lately, at a later call. What somebody asks for overtakes it. */
  mend(vm: VmRecord, seen: Observation, signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is being mended. */
  settled(): Promise<void>;
}

/** See `Mender`. */
export function createMender({ records, reconciler, turns, schedule, logger }: MenderDeps): Mender {
  /** They run past the end of the look that found them, as a boot takes long. */
  const mends = new Set<Promise<void>>();

  const write = async (id: VmId, shown: Shown, isMeant: (vm: VmRecord) => boolean): Promise<void> => {
    await records.update({
      vm: {
        id,
        change: (now) => {
          const isShown = now.status === shown.status && isDeepStrictEqual(now.error, shown.error);
          return isMeant(now) && !isShown ? { ...now, ...shown } : undefined;
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
    /** By what is seen when the turn has come: what was seen before may be the work of an operation that has ended since. */
    const tell = async (seen: Observation): Promise<void> => {
      if (vm.desired === 'running' && seen.isTrashed === true) throw trashedMachine(vm.id);
      const shown = vm.desired === 'running' ? whileMending(seen) : undefined;
      isRevival = shown !== undefined && shown.error !== null;
      if (shown !== undefined) await write(vm.id, shown, isSameIntent(vm));
    };
    try {
      await turns.take(vm.id, { overtakes: false, yields: true, signal }, async (turnSignal) => {
        const current = await records.getVm(vm.id);
        if (current === undefined || !isSameIntent(vm)(current)) return;
        const steps = await reconciler.reconcile(current, {
          signal: turnSignal,
          onProgress: () => undefined,
          onWork: tell,
        });
        logger.info({ vm_id: vm.id, steps }, 'mended');
        schedule.ended(vm, power, isRevival ? 'revived' : 'kept');
        const status = settledStatus(current);
        if (status !== undefined) await write(vm.id, { status, error: null }, isSameIntent(vm));
      });
    } catch (error) {
      if (signal.aborted || error instanceof Overtaken) return;
      const err = toAppError(error, `mending ${vm.id}`);
      schedule.ended(vm, power, 'failed');
      logger.warn({ err, vm_id: vm.id }, `could not be mended: ${errorChain(err)}`);
      if (settledStatus(vm) === undefined) return;
      const status = statusAfter(err);
      const shown: Shown = { status, error: status === 'unknown' ? null : toFailure(err) };
      await write(vm.id, shown, isSameIntent(vm));
    }
  };

  const start = (vm: VmRecord, seen: Observation, signal: AbortSignal): void => {
    const promise = run(vm, seen, signal)
      .catch((err: unknown) => logger.warn({ err, vm_id: vm.id }, 'the outcome of a mend could not be recorded'))
      .finally(() => mends.delete(promise));
    mends.add(promise);
  };

  const show: Mender['show'] = (vm, shown) => write(vm.id, shown, (now) => now.revision === vm.revision);

  return {
    show,
    async mend(vm, seen, signal) {
      const waitMs = schedule.waitMs(vm, seen.power);
      if (waitMs === 0) start(vm, seen, signal);
      // What failed last is shown already.
      else if (vm.error === null && vm.desired === 'running' && seen.power !== 'running')
        await show(vm, whileWaiting(waitMs));
    },
    async settled() {
      await Promise.all(mends);
    },
  };
}
