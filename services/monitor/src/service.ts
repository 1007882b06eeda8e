import type { Settings } from '@golem-provider/contracts';
import {
  compose,
  createLogger,
  dataDirectory,
  type Logger,
  loggerOptions,
  type Service,
  systemClock,
} from '@golem-provider/service-kit';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { producerRedis, redisComponent, redisUrl } from '@golem-provider/service-kit/redis';
import {
  createMetricsPublisher,
  createMetricsStore,
  createRecordStore,
  createReportStore,
  createSampleHistory,
} from '@golem-provider/store';
import { createHostSampler, type HostSampler } from './host-sampler.ts';
import { createMonitor } from './monitor.ts';
import { sampleRules } from './sample-rules.ts';
import { findVmPlace } from './vm-place.ts';

/** What surrounds the service; the parts are replaced by tests only. */
export interface ServiceOptions {
  readonly isTerminal: boolean;
  readonly logger?: Logger;
  readonly sampler?: HostSampler;
}

/** The monitor: samples the load, memory and storage of this machine into Redis. */
export function createService(settings: Settings, options: ServiceOptions): Service {
  const logger = options.logger ?? createLogger(loggerOptions('monitor', settings, options.isTerminal));
  const redis = producerRedis(redisUrl(settings), logger);
  const dataRoot = dataDirectory(settings.DATA_DIR).root;
  const monitor = createMonitor({
    sampler: options.sampler ?? createHostSampler({ findPlace: () => findVmPlace(settings, dataRoot) }),
    reports: createReportStore(redis, settings.HOST_ID).monitor,
    history: createSampleHistory(redis, settings.HOST_ID),
    records: createRecordStore(redis, settings.HOST_ID, systemClock),
    rules: sampleRules(settings),
    intervalMs: settings.SAMPLE_INTERVAL * 1000,
    clock: systemClock,
    logger,
  });
  const publisher = createMetricsPublisher({
    metrics: createMetrics('monitor'),
    store: createMetricsStore(redis, settings.HOST_ID),
    service: 'monitor',
    logger,
  });
  return { logger, component: compose('monitor', [redisComponent(redis), publisher, monitor]) };
}
