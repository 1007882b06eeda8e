import { type HostId, MetricsSnapshot, redisNames, type ServiceName } from '@golem-provider/contracts';
import { abortable, type Component, type Logger, periodic, withDeadline } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { Redis } from 'ioredis';
import { guardStore } from './record-store.ts';
import { parseStored } from './records.ts';

/** How old what is exported may be: below the scrape interval that is usual. */
const PUBLISH_INTERVAL_MS = 5000;
/** How long what a process counted can be read after its last word. */
const FRESH_MS = 30_000;
const SAVE_DEADLINE_MS = 5000;

/** What the processes of one host have counted. Errors: AppError `STORE_UNAVAILABLE`. */
export interface MetricsStore {
  /** Leaves what a process has counted so far, for half a minute. */
  save(service: ServiceName, processId: string, snapshot: MetricsSnapshot): Promise<void>;
  /** What every process has left that lives, or that ended a moment ago. */
  read(): Promise<readonly MetricsSnapshot[]>;
}

/** The store over a Redis connection. */
export function createMetricsStore(redis: Redis, hostId: HostId): MetricsStore {
  const names = redisNames(hostId);
  return {
    save: (service, processId, snapshot) =>
      guardStore(`saving the metrics of ${service}`, async () => {
        const process = `${service}/${processId}`;
        await redis
          .multi()
          .sadd(names.metricsProcesses, process)
          .set(names.metrics(process), JSON.stringify(snapshot), 'PX', FRESH_MS)
          .exec();
      }),
    read: () =>
      guardStore('reading metrics', async () => {
        const processes = (await redis.smembers(names.metricsProcesses)).toSorted();
        if (processes.length === 0) return [];
        const texts = await redis.mget(processes.map((process) => names.metrics(process)));
        const gone = processes.filter((_, index) => texts[index] === null);
        if (gone.length > 0) await redis.srem(names.metricsProcesses, ...gone);
        return texts.flatMap((text) =>
          text === null ? [] : [parseStored(MetricsSnapshot, text, names.metricsProcesses)],
        );
      }),
  };
}

/** What a publisher works with. */
export interface MetricsPublisherDeps {
  readonly metrics: Metrics;
  readonly store: MetricsStore;
  readonly service: ServiceName;
  readonly logger: Logger;
}

/** Leaves what this process counts in Redis every few seconds, and once more when it stops. */
export function createMetricsPublisher({ metrics, store, service, logger }: MetricsPublisherDeps): Component {
  let saving: Promise<void> | undefined;
  const publish = async (signal: AbortSignal, isLast = false): Promise<void> => {
    const limited = withDeadline(signal, SAVE_DEADLINE_MS);
    // What is just being saved does not have the last word.
    if (isLast && saving !== undefined)
      await abortable(
        saving.catch(() => undefined),
        limited,
      );
    // A connection that waits for Redis keeps what it was given: no more than one snapshot.
    saving ??= metrics
      .snapshot()
      // What was counted stays so; a level is none any more.
      .then((all) => (isLast ? all.filter(({ type }) => type !== 'gauge') : all))
      .then((snapshot) => store.save(service, metrics.processId, snapshot))
      .finally(() => (saving = undefined));
    await abortable(saving, limited);
  };
  const loop = periodic({ name: 'metrics', intervalMs: PUBLISH_INTERVAL_MS, logger, run: (signal) => publish(signal) });
  return {
    ...loop,
    async stop() {
      await loop.stop();
      try {
        await publish(new AbortController().signal, true);
      } catch (err) {
        logger.debug({ err }, 'the last metrics could not be saved');
      }
    },
  };
}
