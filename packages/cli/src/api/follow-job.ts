import { isJobFinished, type Job, type OperationId } from '@golem-provider/contracts';
import { pause, withDeadline } from '@golem-provider/service-kit';
import { CommandError } from '../commands/command-context.ts';
import { isPassing } from '../exit-codes.ts';
import { type EventPlace, listen } from './event-source.ts';
import type { ProviderApi } from './provider-api.ts';

/** Between two tries to read the events: far below the API's limit of requests. */
const RETRY_MS = 2000;

/** Where a job is, as far as a person wants to see it. */
export type JobProgress = Pick<Job, 'phase' | 'progress'>;

/**
 * Waits until a job has ended and tells where it is, as it happens. The record of the job decides: a connection that breaks
 * is made again, and a provider that is restarted meanwhile is waited for.
 *
 * @throws CommandError when there is no such job, or when it has not ended within `timeoutMs`; it goes on then.
 */
export async function followJob(
  api: Pick<ProviderApi, 'getJob' | 'openJobEvents'>,
  id: OperationId,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  onProgress: (progress: JobProgress) => void,
): Promise<Job> {
  const limited = withDeadline(signal, timeoutMs);
  const place: EventPlace = { lastEventId: undefined };
  /** The job as it is, told; undefined where nobody can say now. */
  const look = async (): Promise<Job | undefined> => {
    try {
      const job = await api.getJob(id);
      onProgress(job);
      return job;
    } catch (error) {
      // That there is no such job will not change; that the provider is just away will.
      if (error instanceof CommandError && !isPassing(error.exitCode)) throw error;
      return undefined;
    }
  };
  const listenOnce = async (): Promise<void> => {
    try {
      await listen(
        (lastEventId, connection) => api.openJobEvents(id, lastEventId, connection),
        place,
        (event) => {
          if (event?.type === 'operation') onProgress(event);
        },
        { signal: limited },
      );
    } catch (error) {
      // A connection that broke is made again.
      if (error instanceof CommandError && !isPassing(error.exitCode)) throw error;
    }
  };
  try {
    for (;;) {
      const before = await look();
      if (before !== undefined && isJobFinished(before)) return before;
      await listenOnce();
      const after = await look();
      if (after !== undefined && isJobFinished(after)) return after;
      await pause(RETRY_MS, limited);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!limited.aborted) throw error;
    throw new CommandError(`Job ${id} has not ended within ${timeoutMs / 1000} s; it goes on in the background.`);
  }
}
