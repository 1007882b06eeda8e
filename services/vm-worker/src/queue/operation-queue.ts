import {
  type HostId,
  type Operation,
  OPERATION_JOB_OPTIONS,
  type OperationId,
  OperationJob,
  QUEUE_PREFIX,
  redisNames,
} from '@golem-provider/contracts';
import type { Clock, Component, Logger } from '@golem-provider/service-kit';
import { type Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Executor } from '../operations/executor.ts';
import type { Mends } from '../reconcile/mends.ts';
import { boundJobLocks, type QueueTiming } from './job-locks.ts';

/** Operations that run at once at the most; launches have a tighter limit of their own, waiting costs nothing. */
const CONCURRENCY = 200;

const DEFAULT_TIMING: QueueTiming = { lockMs: 15_000, stalledCheckMs: 10_000 };
/** Longer than any delay between two tries. */
const LONGEST_DELAY_MS = 30_000;

/** The queue of a host as its worker uses it. */
export interface OperationQueue extends Component {
  /** Makes sure that a job stands for an operation that has not ended. Resolves with whether a worker has it in hand. */
  ensureJob(operation: Operation): Promise<boolean>;
  /** Gives locks that a clock which was set back has made last too long their own time again. */
  boundLocks(): Promise<void>;
  /**
   * Goes on at once with operations that an earlier worker had in hand: BullMQ gives out their jobs only when it has counted
   * them as stalled, and finds them ended by then.
   */
  takeOver(ids: readonly OperationId[]): void;
}

/** What the queue works with. */
export interface OperationQueueDeps {
  /** A connection that waits for Redis as long as it takes. */
  readonly redis: Redis;
  readonly hostId: HostId;
  readonly executor: Executor;
  readonly mends: Mends;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Aborts all that runs; nothing is taken up any more. */
  readonly ending: AbortSignal;
  readonly logger: Logger;
  readonly timing?: Partial<QueueTiming> | undefined;
}

/** The BullMQ worker of a host, and the queue to enqueue what lost its job. */
export function createOperationQueue(deps: OperationQueueDeps): OperationQueue {
  const { redis, hostId, executor, mends, ending, clock, logger } = deps;
  const { lockMs, stalledCheckMs } = { ...DEFAULT_TIMING, ...deps.timing };
  const name = redisNames(hostId).operationQueue;
  const options = { connection: redis, prefix: QUEUE_PREFIX };
  const queue = new Queue(name, options);
  const stopping = new AbortController();
  const takenOver = new Set<Promise<void>>();
  ending.addEventListener('abort', () => stopping.abort(ending.reason), { once: true });
  /** Since when jobs have been seen waiting for another try. */
  const delayedSince = new Map<string, number>();

  /** BullMQ goes by the clock of the day: once that was set back, a wait of seconds may last as long as the step. */
  const promoteLate = async (job: Job): Promise<void> => {
    const since = delayedSince.get(job.id ?? '') ?? clock.elapsed();
    delayedSince.set(job.id ?? '', since);
    if (clock.elapsed() - since < LONGEST_DELAY_MS) return;
    delayedSince.delete(job.id ?? '');
    await job.promote();
  };

  const worker = new Worker(
    name,
    async (job, token) => {
      // Its wait is over; if it is to wait again, that counts anew.
      delayedSince.delete(job.id ?? '');
      const parsed = OperationJob.safeParse(job.data);
      // Not ours: no number of tries would make it so.
      if (!parsed.success) throw new UnrecoverableError('not an operation');
      try {
        const outcome = await executor.execute(parsed.data.operation_id, stopping.signal);
        if (outcome === 'retry') throw new Error('to be tried again; the record of the operation says why');
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        // Handed back so that the next worker takes it up at once, not when the lock has run out.
        await job.moveToWait(token);
        throw new WaitingError();
      }
    },
    {
      ...options,
      autorun: false,
      concurrency: CONCURRENCY,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      // How often the worker may die is not a property of the operation.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
  );
  const logError = (err: Error): void => logger.warn({ err }, 'queue error');
  queue.on('error', logError);
  worker.on('error', logError);

  return {
    name: 'operation queue',
    async start() {
      await worker.waitUntilReady();
      void worker.run().catch((err: unknown) => logger.error({ err }, 'the queue worker ended'));
    },
    async stop() {
      stopping.abort(new Error('the worker is stopping'));
      await worker.close();
      await Promise.all(takenOver);
      await queue.close();
    },
    async ensureJob({ id, vm_id, kind }) {
      const job = await queue.getJob(id);
      const state = await job?.getState();
      if (job !== undefined && state === 'delayed') {
        await promoteLate(job);
        return false;
      }
      delayedSince.delete(id);
      if (job !== undefined) {
        if (state !== 'failed' && state !== 'completed' && state !== 'unknown') return state === 'active';
        await job.remove();
      }
      const data: OperationJob = { operation_id: id, vm_id };
      await queue.add(kind, data, { ...OPERATION_JOB_OPTIONS, jobId: id });
      logger.warn({ operation_id: id, vm_id }, 'the operation had no job: it has one again');
      await mends.tell(vm_id, 'job');
      return false;
    },
    boundLocks: () => boundJobLocks(redis, queue, { lockMs, stalledCheckMs }),
    takeOver(ids) {
      for (const id of ids) {
        const run = executor
          .execute(id, stopping.signal)
          .then(
            () => undefined,
            (err: unknown) => {
              if (!stopping.signal.aborted)
                logger.warn({ err, operation_id: id }, 'an operation could not be taken over');
            },
          )
          .finally(() => takenOver.delete(run));
        takenOver.add(run);
      }
    },
  };
}
