import { mkdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { openApiDocument, type Settings } from '@golem-provider/contracts';
import {
  blockingRedis,
  type Component,
  compose,
  createLogger,
  createMetrics,
  createSeal,
  dataDirectory,
  loadProviderId,
  loadSealKey,
  type Logger,
  loggerOptions,
  producerRedis,
  redisComponent,
  redisUrl,
  type Service,
  softwareVersion,
  systemClock,
} from '@golem-provider/service-kit';
import {
  createAdmission,
  createDrainSwitch,
  createEventFeed,
  createMetricsStore,
  createRecordStore,
  createReportStore,
  createSampleHistory,
  createResizing,
} from '@golem-provider/store';
import { createApp } from './app.ts';
import { startInBackground } from './background-start.ts';
import { createHttpServer } from './http/http-server.ts';
import { createExposition } from './metrics/exposition.ts';
import { meteredAdmission } from './metrics/metered-admission.ts';
import { createProviderIdentity } from './provider/provider-identity.ts';
import { createOperationQueue } from './queue/operation-queue.ts';
import { jobEndpoints } from './routes/jobs.ts';
import { providerEndpoints } from './routes/provider.ts';
import { serviceEndpoints } from './routes/service-state.ts';
import { vmKeyEndpoints } from './routes/vm-keys.ts';
import { vmPowerEndpoints } from './routes/vm-power.ts';
import { vmRecoverEndpoints } from './routes/vm-recover.ts';
import { vmSizeEndpoints } from './routes/vm-size.ts';
import { vmEndpoints } from './routes/vms.ts';
import { createCreateVm } from './vms/create-vm.ts';
import { createChangeKeys } from './vms/change-keys.ts';
import { createChangeVm } from './vms/change-vm.ts';
import { createOperationWaiter } from './vms/operation-waiter.ts';
import { createResizeVm } from './vms/resize-vm.ts';

/** The gateway as one component. */
export interface Gateway extends Component {
  /** The port on which it listens. */
  port(): number;
}

/** Builds the gateway by hand from its settings; the data directory is made where it is missing. */
export async function createGateway(settings: Settings, logger: Logger): Promise<Gateway> {
  const directory = dataDirectory(settings.DATA_DIR);
  await mkdir(directory.root, { recursive: true });
  const seal = createSeal(await loadSealKey(directory.sealKey));
  const generatedId = await loadProviderId(directory.providerId);
  const version = softwareVersion();

  const hostId = settings.HOST_ID;
  const redis = producerRedis(redisUrl(settings), logger);
  const records = createRecordStore(redis, hostId, systemClock);
  const reports = createReportStore(redis, hostId);
  const history = createSampleHistory(redis, hostId);
  const queue = createOperationQueue(redis, hostId, logger);
  const feed = createEventFeed(blockingRedis(redisUrl(settings), logger), hostId, logger);
  const portRange = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
  const metrics = createMetrics('api-gateway');
  const limits = { maxVms: settings.MAX_VMS, portRange };
  const admission = meteredAdmission(createAdmission(redis, hostId, limits, systemClock), metrics);
  const published = createMetricsStore(redis, hostId);

  const drain = createDrainSwitch(redis, hostId, systemClock);

  const stopping = new AbortController();
  const waiter = createOperationWaiter({ records, feed, stopping: stopping.signal, logger });
  const identity = createProviderIdentity({ settings, reports, generatedId, version, networkInterfaces });
  const createVm = createCreateVm({ settings, reports, admission, records, queue, waiter });
  const changeVm = createChangeVm({ records, queue, waiter, clock: systemClock });
  const changeKeys = createChangeKeys({ records, queue, waiter, clock: systemClock });
  const resizing = createResizing(records, systemClock);
  const resizeVm = createResizeVm({ settings, records, resizing, queue, waiter });

  const app = createApp({
    endpoints: {
      ...vmEndpoints({ records, identity, seal, createVm, changeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmPowerEndpoints({ records, identity, changeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmSizeEndpoints({ records, identity, resizeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmKeyEndpoints({ records, changeKeys, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmRecoverEndpoints({ records, identity, changeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...jobEndpoints(records),
      ...providerEndpoints({ settings, records, reports, history, identity, drain }),
      ...serviceEndpoints({ ping: () => redis.ping(), reports }),
    },
    openApiDocument: openApiDocument(version),
    queue: queue.queue,
    rateLimitPerMinute: settings.RATE_LIMIT_PER_MINUTE,
    metrics,
    exposition: createExposition({
      settings,
      version,
      records,
      reports,
      drain,
      queue: queue.queue,
      published,
      metrics,
      logger,
    }),
    logger,
  });
  const server = createHttpServer({ host: settings.HOST, port: settings.PORT, listener: app, stopping });
  // The server starts last and stops first; what it works with is there while it answers.
  const component = compose('api-gateway', [redisComponent(redis), queue, startInBackground(feed, logger), server]);
  return { ...component, port: () => server.port() };
}

/** The service as `runService` takes it. */
export async function createService(settings: Settings): Promise<Service> {
  const logger = createLogger(loggerOptions('api-gateway', settings, process.stdout.isTTY));
  return { logger, component: await createGateway(settings, logger) };
}
