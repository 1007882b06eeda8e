import {
  type Failure,
  isFinished,
  type Operation,
  type OperationId,
  type OperationPhase,
  toTimestamp,
  type VmRecord,
} from '@golem-provider/contracts';
import { type AppError, type Clock, type Logger, toAppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { FaultPoints } from '../reconcile/fault-points.ts';
import { type Reconciler, settledState } from '../reconcile/reconciler.ts';
import { createProgressWriter } from './progress-writer.ts';
import { isWorthRetrying } from './retry-policy.ts';
import { statusAfterOperation, toFailure } from './failure.ts';
import { Overtaken, type VmTurns } from './vm-turns.ts';

/** What an executor works with. */
export interface ExecutorDeps {
  readonly records: RecordStore;
  readonly reconciler: Reconciler;
  readonly turns: VmTurns;
  /** That a VM which is stopped gives its cores and memory back. */
  readonly releaseOnStop: boolean;
  readonly faults: FaultPoints;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a run of an operation ended. `retry`: it failed, and another try may succeed. */
export type Outcome = 'finished' | 'retry';

/** Brings operations to their end. */
export interface Executor {
  /**
   * Runs an operation when the VM's turn comes. Its record tells how it went; an operation that has ended, or that a later
   * intent has overtaken, is not run again; one that runs is joined. Rejects with the signal's reason when that aborts it: the
   * operation stays unfinished and is to be run again, here or elsewhere.
   */
  execute(id: OperationId, signal: AbortSignal): Promise<Outcome>;
}

/** Whether a restart has yet to switch the machine off: a try that was cut short later goes on with what is on. */
function isBeforeRestart(phase: OperationPhase): boolean {
  return phase === 'queued' || phase === 'stopping';
}

/** Whether the old machine has yet to be removed: a try that was cut short later goes on with the new one. */
function isBeforeRecreation(phase: OperationPhase): boolean {
  return phase === 'queued' || phase === 'removing';
}

/** The executor over the records and a reconciler. */
export function createExecutor(deps: ExecutorDeps): Executor {
  const { records, reconciler, turns, releaseOnStop, faults, clock, logger } = deps;
  /** By operation: a queue that took its job for lost gives it out a second time while the first run goes on. */
  const runs = new Map<OperationId, Promise<Outcome>>();
  const now = (): string => toTimestamp(clock.now());
  const finish =
    (status: 'completed' | 'cancelled', error: Failure | null = null) =>
    (operation: Operation): Operation => ({
      ...operation,
      status,
      phase: 'done',
      progress: null,
      error,
      finished_at: now(),
    });

  /** Marks it as running; undefined when there is nothing to run any more. */
  const begin = async (id: OperationId): Promise<{ operation: Operation; vm: VmRecord } | undefined> => {
    const operation = await records.getOperation(id);
    if (operation === undefined || isFinished(operation.status)) return undefined;
    const vm = await records.getVm(operation.vm_id);
    if (vm?.generation !== operation.generation) {
      // A delete whose VM is gone has reached its end; whatever else is overtaken or has lost its object.
      const isDone = vm === undefined && operation.kind === 'delete';
      await records.update({ operation: { id, change: finish(isDone ? 'completed' : 'cancelled') } });
      return undefined;
    }
    const begun = await records.update({
      operation: {
        id,
        change: (current) => ({ ...current, status: 'active', started_at: current.started_at ?? now() }),
      },
    });
    return begun.operation === undefined ? undefined : { operation: begun.operation, vm };
  };

  const complete = async ({ id, kind }: Operation, vm: VmRecord, desired = vm.desired): Promise<void> => {
    await records.update({
      vm: {
        id: vm.id,
        change: (current) => {
          const wished = { ...current, desired, released: current.released && desired !== 'running' };
          const settled = settledState(wished, releaseOnStop);
          return current.generation !== vm.generation || settled === undefined
            ? undefined
            : { ...wished, ...settled, error: null };
        },
      },
      operation: { id, change: finish('completed') },
      // A machine that is found running holds its cores and memory, also where a stop gave them back.
      mayGrow: kind === 'adopt',
    });
  };

  /** A failed creation gives everything back; its record stays and tells why. */
  const discard = async (vm: VmRecord, failure: Failure, signal: AbortSignal): Promise<void> => {
    const { vm: discarded } = await records.update({
      vm: {
        id: vm.id,
        change: (current) =>
          current.generation === vm.generation
            ? { ...current, desired: 'discarded', status: 'error', error: failure }
            : undefined,
      },
    });
    if (discarded?.desired !== 'discarded') return;
    try {
      await reconciler.reconcile(discarded, { signal, onProgress: () => undefined });
    } catch (err) {
      signal.throwIfAborted();
      // The resync goes on with it.
      logger.warn({ err, vm_id: vm.id }, 'what a failed creation left could not be removed yet');
    }
  };

  /** A resize that failed for good may have changed something: what the machine has is what the VM has and holds then. */
  const abandonResize = async (vm: VmRecord, signal: AbortSignal): Promise<void> => {
    const { vm: abandoned } = await records.update({
      vm: {
        id: vm.id,
        change: (current) =>
          current.generation === vm.generation && current.resize !== null
            ? { ...current, resize: { ...current.resize, state: 'abandoned' } }
            : undefined,
      },
    });
    if (abandoned?.resize?.state !== 'abandoned') return;
    try {
      await reconciler.reconcile(abandoned, { signal, onProgress: () => undefined, mayBeAbsent: true });
    } catch (err) {
      signal.throwIfAborted();
      // The resync goes on with it; until then the larger of old and new is held.
      logger.warn({ err, vm_id: vm.id }, 'what a failed resize left could not be read yet');
    }
  };

  const fail = async (operation: Operation, vm: VmRecord, error: AppError, signal: AbortSignal): Promise<Outcome> => {
    const failure = toFailure(error);
    const attempts = operation.attempts + 1;
    const { id } = operation;
    logger.error({ err: error, operation_id: id, vm_id: vm.id, kind: operation.kind, attempts }, 'operation failed');
    if (isWorthRetrying(error, attempts)) {
      await records.update({
        operation: { id, change: (current) => ({ ...current, status: 'queued', attempts, error: failure }) },
      });
      return 'retry';
    }
    if (operation.kind === 'create') await discard(vm, failure, signal);
    if (operation.kind === 'resize') await abandonResize(vm, signal);
    await records.update({
      vm: {
        id: vm.id,
        change: (current) =>
          current.generation === vm.generation
            ? { ...current, status: statusAfterOperation(operation.kind, error) ?? current.status, error: failure }
            : undefined,
      },
      operation: {
        id,
        change: (current) => ({ ...finish('completed')(current), status: 'failed', attempts, error: failure }),
      },
    });
    return 'finished';
  };

  const run = async (id: OperationId, signal: AbortSignal): Promise<Outcome> => {
    signal.throwIfAborted();
    const begun = await begin(id);
    if (begun === undefined) return 'finished';
    const { operation, vm } = begun;
    const log = logger.child({
      operation_id: id,
      vm_id: vm.id,
      kind: operation.kind,
      request_id: operation.request_id,
    });
    log.info('operation started');
    faults.reach('operation begins');
    const progress = createProgressWriter(records, id, log);
    try {
      const { kind, phase } = operation;
      const context = { signal, onProgress: progress.report };
      let { desired } = vm;
      if (kind === 'adopt') {
        desired = await reconciler.adopt(vm.id, context);
      } else {
        const powerCycle = kind === 'restart' && isBeforeRestart(phase);
        const recreate = kind === 'recreate' && isBeforeRecreation(phase);
        const mayBeAbsent = kind === 'create' || kind === 'recreate';
        const isUntouched = kind === 'create' && phase === 'queued' && operation.attempts === 0;
        const updateKeys = kind === 'update_keys';
        await reconciler.reconcile(vm, { ...context, powerCycle, recreate, mayBeAbsent, isUntouched, updateKeys });
      }
      await progress.settled();
      faults.reach('operation ends');
      await complete(operation, vm, desired);
      faults.reach('operation is recorded');
      log.info('operation completed');
      return 'finished';
    } catch (error) {
      await progress.settled();
      signal.throwIfAborted();
      return await fail(operation, vm, toAppError(error, `executing ${operation.kind} of ${vm.id}`), signal);
    }
  };

  const execute = async (id: OperationId, signal: AbortSignal): Promise<Outcome> => {
    const operation = await records.getOperation(id);
    if (operation === undefined || isFinished(operation.status)) return 'finished';
    try {
      const overtakes = operation.kind === 'delete';
      return await turns.take(operation.vm_id, { overtakes, signal }, (turnSignal) => run(id, turnSignal));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      logger.info({ operation_id: id, vm_id: operation.vm_id }, 'operation overtaken');
      await records.update({ operation: { id, change: finish('cancelled') } });
      return 'finished';
    }
  };

  return {
    execute(id, signal) {
      const running = runs.get(id);
      if (running !== undefined) return running;
      const run = execute(id, signal).finally(() => runs.delete(id));
      runs.set(id, run);
      return run;
    },
  };
}
