import { type Job, type OperationId, ProviderEvent } from '@golem-provider/contracts';
import { pause, withDeadline } from '@golem-provider/service-kit';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { CommandError } from '../commands/command-context.ts';
import type { ProviderApi } from './provider-api.ts';

/** Between two tries to read the events: far below the API's limit of requests. */
const RETRY_MS = 2000;
const FINAL: ReadonlySet<Job['status']> = new Set(['completed', 'ready', 'failed', 'cancelled']);

/** Where a job is, as far as a person wants to see it. */
export type JobProgress = Pick<Job, 'phase' | 'progress'>;

/** The events of one connection, until it ends; the id of the last one is where the next connection goes on. */
async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (id: string | undefined, data: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const events = body.pipeThrough(new TextDecoderStream(), { signal }).pipeThrough(new EventSourceParserStream());
  for await (const { id, data } of events) onEvent(id, data);
}

/**
 * Waits until a job has ended and tells where it is, as it happens. The record of the job decides: a connection that breaks
 * is made again, and a provider that is restarted meanwhile is waited for.
 *
 * @throws CommandError when it has not ended within `timeoutMs`; it goes on then.
 */
export async function followJob(
  api: ProviderApi,
  id: OperationId,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  onProgress: (progress: JobProgress) => void,
): Promise<Job> {
  const limited = withDeadline(signal, timeoutMs);
  let lastEventId: string | undefined;
  const take = (eventId: string | undefined, data: string): void => {
    lastEventId = eventId ?? lastEventId;
    const event = ProviderEvent.safeParse(JSON.parse(data));
    if (event.success && event.data.type === 'operation') onProgress(event.data);
  };
  const attempt = async (): Promise<Job | undefined> => {
    try {
      const job = await api.getJob(id);
      onProgress(job);
      if (FINAL.has(job.status)) return job;
      await readEvents(await api.openJobEvents(id, lastEventId), take, limited);
    } catch (error) {
      // That there is no such job will not change; that the provider is just away, or the connection broke, will.
      if (error instanceof CommandError && error.exitCode !== 69 && error.exitCode !== 75) throw error;
    }
    return undefined;
  };
  try {
    for (;;) {
      const job = await attempt();
      if (job !== undefined) return job;
      const ended = await api.getJob(id).catch(() => undefined);
      if (ended !== undefined && FINAL.has(ended.status)) return ended;
      await pause(RETRY_MS, limited);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!limited.aborted) throw error;
    throw new CommandError(`Job ${id} has not ended within ${timeoutMs / 1000} s; it goes on in the background.`);
  }
}
