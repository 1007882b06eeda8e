import { isFinished, type Operation, type OperationId, type OperationPhase } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { RecordStore } from '@golem-provider/store';
import type { Executor, Outcome } from '../operations/executor.ts';
import type { ReconcileContext, Reconciler } from '../reconcile/reconciler.ts';

type Meter = Pick<Metrics, 'count' | 'observe'>;

function secondsBetween(start: string, end: string): number {
  return Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000);
}

function countEnd({ kind, status, error, created_at, started_at, finished_at }: Operation, metrics: Meter): void {
  metrics.count('operations_total', { kind, result: status });
  if (status === 'failed') metrics.count('operation_failures_total', { kind, code: error?.code ?? 'INTERNAL' });
  if (finished_at === null) return;
  metrics.observe('operation_duration_seconds', { kind, result: status }, secondsBetween(created_at, finished_at));
  if (started_at === null) return;
  metrics.observe('operation_phase_duration_seconds', { phase: 'queued' }, secondsBetween(created_at, started_at));
}

/** An executor that counts how its operations end, by their records; it is the same in all else. */
export function meteredExecutor(
  executor: Executor,
  records: Pick<RecordStore, 'getOperation'>,
  metrics: Meter,
): Executor {
  const count = async (id: OperationId, signal: AbortSignal): Promise<Outcome> => {
    const before = await records.getOperation(id);
    const outcome = await executor.execute(id, signal);
    // Ended before: nothing was run.
    if (before === undefined || isFinished(before.status)) return outcome;
    if (outcome === 'retry') {
      metrics.count('operations_total', { kind: before.kind, result: 'retried' });
      return outcome;
    }
    const after = await records.getOperation(id);
    if (after !== undefined && isFinished(after.status)) countEnd(after, metrics);
    return outcome;
  };
  /** A run that is joined is counted once. */
  const counted = new Set<OperationId>();
  return {
    async execute(id, signal) {
      if (counted.has(id)) return executor.execute(id, signal);
      counted.add(id);
      try {
        return await count(id, signal);
      } finally {
        counted.delete(id);
      }
    },
  };
}

/** A reconciler that measures the phases that come to their end; it is the same in all else. */
export function meteredReconciler(
  reconciler: Reconciler,
  metrics: Pick<Meter, 'observe'>,
  clock: Pick<Clock, 'elapsed'>,
): Reconciler {
  const measured = async <Result>(
    context: ReconcileContext,
    run: (context: ReconcileContext) => Promise<Result>,
  ): Promise<Result> => {
    let current: { readonly phase: OperationPhase; readonly began: number } | undefined;
    const enter = (phase: OperationPhase | undefined): void => {
      if (current?.phase === phase) return;
      const now = clock.elapsed();
      if (current !== undefined) {
        const seconds = (now - current.began) / 1000;
        metrics.observe('operation_phase_duration_seconds', { phase: current.phase }, seconds);
      }
      current = phase === undefined ? undefined : { phase, began: now };
    };
    const result = await run({
      ...context,
      onProgress(phase, progress) {
        enter(phase);
        context.onProgress(phase, progress);
      },
    });
    enter(undefined);
    return result;
  };
  return {
    reconcile: (vm, context) => measured(context, (inner) => reconciler.reconcile(vm, inner)),
    adopt: (id, context) => measured(context, (inner) => reconciler.adopt(id, inner)),
  };
}
