import { once } from 'node:events';
import { AppError, type Clock, type Component, type Logger, pause } from '@golem-provider/service-kit';
import type { WorkerLease } from '@golem-provider/store';
import type { WorkerHealth } from '../worker-health.ts';
import type { HostLock } from './host-lock.ts';
import { createTenure, type KeptTenure, type Tenure } from './tenure.ts';

/** How long a lease lasts and what is done in it, in milliseconds. */
export interface LeaseTimes {
  /** How long Redis keeps a lease that nobody renews. */
  readonly ttlMs: number;
  /** The holder counts its lease as ended so much before Redis does. */
  readonly marginMs: number;
  readonly renewMs: number;
  /** Between two tries to get it. */
  readonly retryMs: number;
}

/** Long enough for a Redis that restarts, short enough for requestors to wait through a takeover. */
export const LEASE_TIMES: LeaseTimes = { ttlMs: 15_000, marginMs: 5_000, renewMs: 2_000, retryMs: 1_000 };

/** What the keeper works with. */
export interface LeaseKeeperDeps {
  readonly leases: WorkerLease;
  readonly lock: HostLock;
  /** Names this process, differently from every other. */
  readonly holder: string;
  readonly times: LeaseTimes;
  readonly health: Pick<WorkerHealth, 'observed'>;
  /** All that acts and writes in a tenure. Stopping it resolves when nothing of it runs any more. */
  readonly build: (tenure: Tenure) => Component;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes one worker act for each host: waits for the lease, runs what `build` gives while it holds, ends that as soon as it does
 * not, and waits again. Says in the log and in the health for whom it waits. Stopping it gives the lease back.
 */
export function createLeaseKeeper(deps: LeaseKeeperDeps): Component {
  const { leases, lock, holder, times, health, build, clock, logger } = deps;
  const stopping = new AbortController();
  let loop = Promise.resolve();
  let lastToken = 0;
  let lastObstacle: string | undefined;

  /** Says once what is being waited for. */
  const standBy = (obstacle: string, err?: unknown): void => {
    if (obstacle !== lastObstacle) logger.warn({ err }, obstacle);
    lastObstacle = obstacle;
    health.observed('lease', new AppError('WORKER_UNAVAILABLE', obstacle, { publicDetail: obstacle }));
  };

  const acquire = async (): Promise<KeptTenure | undefined> => {
    const sentMs = clock.elapsed();
    const deadHolder = lock.deadHolder();
    const answer = await leases.acquire({ holder, ttlMs: times.ttlMs, deadHolder, floor: lastToken });
    if ('heldBy' in answer) {
      standBy(`Standing by: another worker (${answer.heldBy}) acts for this host.`);
      return undefined;
    }
    const { granted } = answer;
    lastToken = granted.token;
    const locked = lock.acquire({ holder, token: granted.token, storeId: granted.storeId });
    if (locked !== 'acquired') {
      await leases.release(holder, granted.token);
      standBy(`Standing by: another worker (process ${locked.heldBy}) acts on this data directory.`);
      return undefined;
    }
    lastObstacle = undefined;
    health.observed('lease', undefined);
    logger.info({ token: granted.token, store_age_ms: granted.storeAgeMs }, 'this worker acts for the host');
    const untilMs = sentMs + times.ttlMs - times.marginMs;
    return createTenure({ holder, lease: granted, lock, untilMs, clock });
  };

  /** Renews until the tenure ends or `done` aborts. */
  const renew = async (tenure: KeptTenure, done: AbortSignal): Promise<void> => {
    const { token } = tenure;
    let confirmed = 0;
    for (let beat = 1; ; beat += 1) {
      await pause(times.renewMs, done);
      const sentMs = clock.elapsed();
      try {
        const renewal = await leases.renew({ holder, token, ttlMs: times.ttlMs, beat, confirmed });
        switch (renewal) {
          case 'renewed':
            confirmed = beat;
            tenure.extend(sentMs + times.ttlMs - times.marginMs);
            lock.touch();
            break;
          case 'gone':
          case 'taken':
          case 'rolled_back':
            tenure.end(`Redis says that it is ${renewal}`);
            return;
        }
      } catch (err) {
        logger.warn({ err }, 'the lease could not be renewed');
      }
    }
  };

  const serve = async (tenure: KeptTenure): Promise<void> => {
    const done = new AbortController();
    const renewing = renew(tenure, done.signal).catch((err: unknown) => {
      if (!done.signal.aborted) tenure.end(`renewing it failed: ${String(err)}`);
    });
    try {
      const component = build(tenure);
      await component.start();
      try {
        const ended = AbortSignal.any([tenure.signal, stopping.signal]);
        if (!ended.aborted) await once(ended, 'abort');
        if (tenure.signal.aborted) logger.error({ err: tenure.signal.reason }, 'this worker stops acting for the host');
      } finally {
        await component.stop();
      }
    } finally {
      done.abort();
      await renewing;
      tenure.end('it was given back');
      lock.release();
      await leases.release(holder, tenure.token);
    }
  };

  const run = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      try {
        const tenure = await acquire();
        if (tenure !== undefined) await serve(tenure);
      } catch (err) {
        standBy('The worker cannot act for the host: its lease, or what it begins with, failed.', err);
      }
      await pause(times.retryMs, signal).catch(() => undefined);
    }
  };

  return {
    name: 'worker lease',
    start() {
      loop = run();
      return Promise.resolve();
    },
    async stop() {
      stopping.abort(new Error('the worker is stopping'));
      await loop;
    },
  };
}
