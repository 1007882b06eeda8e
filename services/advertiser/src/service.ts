import { mkdir } from 'node:fs/promises';
import type { Settings } from '@golem-provider/contracts';
import {
  compose,
  createLogger,
  dataDirectory,
  loadProviderId,
  type Logger,
  loggerOptions,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { blockingRedis, producerRedis, redisComponent, redisUrl } from '@golem-provider/service-kit/redis';
import {
  createDrainSwitch,
  createEventFeed,
  createMetricsPublisher,
  createMetricsStore,
  createRecordStore,
  createReportStore,
} from '@golem-provider/store';
import { createAdvertiseLoop, type LoopTiming } from './advertise-loop.ts';
import { type HostState, offerTerms } from './advertisement.ts';
import { sendRequest } from './discovery/bounded-request.ts';
import { createDiscoveryClient } from './discovery/discovery-client.ts';
import { loadProviderKey } from './discovery/provider-key.ts';
import { createEventTrigger } from './event-trigger.ts';
import { createAddressCache } from './public-address/address-cache.ts';
import { ADDRESS_SERVICES, createPublicAddress } from './public-address/public-address.ts';
import { BACKOFF, CALL_DEADLINE_MS, DEBOUNCE_MS, LAST_WITHDRAWAL_MS, LOOK_MS, POLL_MS } from './timing.ts';

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
  const drain = createDrainSwitch(redis, settings.HOST_ID, systemClock);
  const readHost = async (): Promise<HostState> => {
    const [sample, worker, reservations, busyPorts, drained] = await Promise.all([
      reports.monitor.read(),
      reports.worker.read(),
      records.listReservations(),
      records.listBusyPorts(),
      drain.read(),
    ]);
    return { sample, worker, reservations: [...reservations.values()], busyPorts, drain: drained };
  };

  const address = createPublicAddress({
    setting: settings.PUBLIC_IP,
    services: options.addressServices ?? ADDRESS_SERVICES,
    send: sendRequest,
    cache: createAddressCache(data.publicAddress, logger),
    logger,
  });
  const client = createDiscoveryClient({
    url: settings.DISCOVERY_URL,
    providerId,
    key,
    send: sendRequest,
    deadlineMs: options.callDeadlineMs ?? CALL_DEADLINE_MS,
  });
  const intervalMs = settings.ADVERTISEMENT_INTERVAL * 1000;
  const loop = createAdvertiseLoop({
    providerId,
    publicKey: key.publicPem,
    client,
    address,
    readHost,
    reports: reports.advertiser,
    terms: offerTerms(settings),
    timing: {
      intervalMs,
      lookMs: LOOK_MS,
      pollMs: POLL_MS,
      backoff: BACKOFF,
      lastWithdrawalMs: LAST_WITHDRAWAL_MS,
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
  const publisher = createMetricsPublisher({
    metrics: createMetrics('advertiser'),
    store: createMetricsStore(redis, settings.HOST_ID),
    service: 'advertiser',
    logger,
  });
  return { logger, component: compose('advertiser', [redisComponent(redis), publisher, address, loop, trigger]) };
}
