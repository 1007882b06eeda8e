import {
  AdvertiserReport,
  HistoryPoint,
  type HostId,
  HostSample,
  redisNames,
  WorkerReport,
} from '@golem-provider/contracts';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { createScriptRunner, type Fence } from './fence.ts';
import { guardStore } from './record-store.ts';
import { parseStored } from './records.ts';
import { SAVE_REPORT } from './scripts.ts';

/** The last report of a service, and whether it is still fresh. */
export interface ReportState<Report> {
  readonly report: Report;
  readonly isFresh: boolean;
}

/** The place of one service's report. Freshness goes by the clock of Redis alone. */
export interface ReportSlot<Report> {
  /** Saves a report that counts as fresh for `freshMs`. */
  save(report: Report, freshMs: number): Promise<void>;
  /** The last report; undefined where there never was one. */
  read(): Promise<ReportState<Report> | undefined>;
}

/** What a host was like lately: a point for each sample, the last ones. */
export interface SampleHistory {
  /** Adds a point and lets go of all but the last `keep`. */
  append(point: HistoryPoint, keep: number): Promise<void>;
  /** The last points, at most `limit`, oldest first. */
  list(limit: number): Promise<HistoryPoint[]>;
}

/** What the services of one host tell each other about themselves. */
export interface ReportStore {
  readonly monitor: ReportSlot<HostSample>;
  readonly worker: ReportSlot<WorkerReport>;
  readonly advertiser: ReportSlot<AdvertiserReport>;
}

/** The report store over a Redis connection; with a fence a report needs the lease, and rejects with `LeaseLost` without. */
export function createReportStore(redis: Redis, hostId: HostId, fence?: Fence): ReportStore {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);
  const slot = <Schema extends z.ZodType>(service: keyof ReportStore, schema: Schema): ReportSlot<z.output<Schema>> => {
    // A report is read with every request, and changes when its service says something new: what was read last is kept with its text.
    let last: { readonly json: string; readonly report: z.output<Schema> } | undefined;
    return {
      save: (report, freshMs) =>
        guardStore(`saving the report of ${service}`, async () => {
          const keys = [names.report(service), names.reportFresh(service)];
          await run(SAVE_REPORT, keys, [JSON.stringify(report), String(freshMs)]);
        }),
      read: () =>
        guardStore(`reading the report of ${service}`, async () => {
          const [json, fresh] = await redis.mget(names.report(service), names.reportFresh(service));
          if (json === null || json === undefined) return undefined;
          if (last?.json !== json) last = { json, report: parseStored(schema, json, names.report(service)) };
          return { report: last.report, isFresh: fresh !== null };
        }),
    };
  };
  return {
    monitor: slot('monitor', HostSample),
    worker: slot('worker', WorkerReport),
    advertiser: slot('advertiser', AdvertiserReport),
  };
}

/** The history of a host over a Redis connection. */
export function createSampleHistory(redis: Redis, hostId: HostId): SampleHistory {
  const { samples } = redisNames(hostId);
  return {
    append: (point, keep) =>
      guardStore('adding to the history', async () => {
        await redis.xadd(samples, 'MAXLEN', keep, '*', 'json', JSON.stringify(point));
      }),
    list: (limit) =>
      guardStore('reading the history', async () => {
        const entries = await redis.xrevrange(samples, '+', '-', 'COUNT', limit);
        return entries
          .reverse()
          .flatMap(([, [, json]]) => (json === undefined ? [] : [parseStored(HistoryPoint, json, samples)]));
      }),
  };
}
