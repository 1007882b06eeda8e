import type { OperationId, OperationPhase } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';

/** Writes the progress of one operation to its record, the latest only: a slow Redis never holds up the work. */
export interface ProgressWriter {
  readonly report: (phase: OperationPhase, progress: number | null) => void;
  /** Resolves when all that was reported is written. */
  settled(): Promise<void>;
}

/** A writer for an operation. A write that fails is logged; the work goes on and the next one tells more. */
export function createProgressWriter(records: RecordStore, id: OperationId, logger: Logger): ProgressWriter {
  let latest: { phase: OperationPhase; progress: number | null } | undefined;
  let writing: Promise<void> | undefined;
  const writeAll = async (): Promise<void> => {
    while (latest !== undefined) {
      const report = { phase: latest.phase, progress: latest.progress === null ? null : Math.round(latest.progress) };
      latest = undefined;
      try {
        await records.update({
          operation: {
            id,
            change: (current) =>
              current.phase === report.phase && current.progress === report.progress
                ? undefined
                : { ...current, ...report },
          },
        });
      } catch (err) {
        logger.warn({ err }, 'progress could not be recorded');
      }
    }
    writing = undefined;
  };
  return {
    report(phase, progress) {
      latest = { phase, progress };
      writing ??= writeAll();
    },
    settled: async () => writing,
  };
}
