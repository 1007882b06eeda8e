import { mkdir } from 'node:fs/promises';
import type { Settings } from '@golem-provider/contracts';
import {
  blockingRedis,
  compose,
  createLogger,
  dataDirectory,
  loadProviderId,
  type Logger,
  loggerOptions,
  producerRedis,
  redisComponent,
  redisUrl,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import { createEventFeed, createRecordStore, createReportStore } from '@golem-provider/store';
import { createAdvertiseLoop, type LoopTiming } from './advertise-loop.ts';
import { type HostState, offerTerms } from './advertisement.ts';
import { sendRequest } from './discovery/bounded-request.ts';
import { createDiscoveryClient } from './discovery/discovery-client.ts';
import { loadProviderKey } from './discovery/provider-key.ts';
import { createEventTrigger } from './event-trigger.ts';
import { ADDRESS_SERVICES, createPublicAddress } from './public-address/public-address.ts';

/** From the first of several changes to the call that tells of all. */
const DEBOUNCE_MS = 1000;
const POLL_MS = 3000;
const FIRST_RETRY_MS = 2000;
/** After which the discovery service forgets an advertisement. */
const EXPIRY_SECONDS = 300;

/** What surrounds the service; all but `isTerminal` are replaced by tests only. */
export interface ServiceOptions {
  readonly isTerminal: boolean;
  readonly logger?: Logger;
  readonly addressServices?: readonly string[];
  readonly timing?: Partial<LoopTiming>;
  readonly debounceMs?: number;
  readonly callDeadlineMs?: number;
}

/** The advertiser: tells the discovery service what is free, and nothing when nothing is. */
export async function createService(settings: Settings, options: ServiceOptions): Promise<Service> {
  const logger = options.logger ?? createLogger(loggerOptions('advertiser', settings, options.isTerminal));
  const data = dataDirectory(settings.DATA_DIR);
  await mkdir(data.root, { recursive: true, mode: 0o711 });
  const providerId = settings.ID ?? (await loadProviderId(data.providerId));
  const key = await loadProviderKey(data.providerKey);
  if (settings.ADVERTISEMENT_INTERVAL >= EXPIRY_SECONDS) {
    logger.warn(`advertisements expire after ${EXPIRY_SECONDS} s, before they are renewed`);
  }

  const redis = producerRedis(redisUrl(settings), logger);
  const reports = createReportStore(redis, settings.HOST_ID);
  const records = createRecordStore(redis, settings.HOST_ID, systemClock);
  const readHost = async (): Promise<HostState> => {
    const [sample, worker, reservations] = await Promise.all([
      reports.monitor.read(),
      reports.worker.read(),
      records.listReservations(),
    ]);
    return { sample, worker, reservations: [...reservations.values()] };
  };

  const address = createPublicAddress({
    setting: settings.PUBLIC_IP,
    services: options.addressServices ?? ADDRESS_SERVICES,
    send: sendRequest,
    logger,
  });
  const client = createDiscoveryClient({
    url: settings.DISCOVERY_URL,
    providerId,
    key,
    send: sendRequest,
    ...(options.callDeadlineMs !== undefined && { deadlineMs: options.callDeadlineMs }),
  });
  const intervalMs = settings.ADVERTISEMENT_INTERVAL * 1000;
  const loop = createAdvertiseLoop({
    providerId,
    client,
    address,
    readHost,
    reports: reports.advertiser,
    terms: offerTerms(settings),
    timing: {
      intervalMs,
      pollMs: POLL_MS,
      backoff: { firstMs: FIRST_RETRY_MS, maxMs: intervalMs },
      ...options.timing,
    },
    clock: systemClock,
    random: Math.random,
    logger,
  });
  const trigger = createEventTrigger({
    feed: createEventFeed(blockingRedis(redisUrl(settings), logger), settings.HOST_ID, logger),
    delayMs: options.debounceMs ?? DEBOUNCE_MS,
    onEvents: () => loop.trigger(),
    logger,
  });
  return { logger, component: compose('advertiser', [redisComponent(redis), address, loop, trigger]) };
}
