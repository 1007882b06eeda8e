import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { openApiDocument, redisNames, type Settings } from '@golem-provider/contracts';
import {
  type Component,
  compose,
  createLogger,
  createSeal,
  dataDirectory,
  loadOperatorToken,
  loadProviderId,
  loadSealKey,
  type Logger,
  loggerOptions,
  type Service,
  softwareVersion,
  systemClock,
} from '@golem-provider/service-kit';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { blockingRedis, producerRedis, redisComponent, redisUrl } from '@golem-provider/service-kit/redis';
import {
  createAdmission,
  createDrainSwitch,
  createEventFeed,
  createMetricsStore,
  createEventHistory,
  createIdempotencyStore,
  createRecentOperations,
  createRecordStore,
  createReportStore,
  createSampleHistory,
  createResizing,
} from '@golem-provider/store';
import { trustProxies } from './access/client-address.ts';
import { createOwnerTokens } from './access/owner-tokens.ts';
import { createOwnershipCheck } from './access/ownership.ts';
import { createGuestFinder } from './access/peer-uid.ts';
import { createSecretSet, loadApiKeys } from './access/secrets.ts';
import { createApp } from './app.ts';
import { startInBackground } from './background-start.ts';
import { createEventStreams } from './events/event-streams.ts';
import { createListenerLimit } from './events/listener-limit.ts';
import type { FaultPoints } from './fault-points.ts';
import { type CountingPatience, createRateStore } from './http/rate-store.ts';
import { createHttpServer } from './http/http-server.ts';
import { createExposition } from './metrics/exposition.ts';
import { meteredAdmission } from './metrics/metered-admission.ts';
import { createKeptDrain } from './provider/kept-drain.ts';
import { createProviderIdentity } from './provider/provider-identity.ts';
import { createOperationQueue } from './queue/operation-queue.ts';
import { eventEndpoints } from './routes/events.ts';
import { jobEndpoints } from './routes/jobs.ts';
import { providerEndpoints } from './routes/provider.ts';
import { serviceEndpoints } from './routes/service-state.ts';
import { vmKeyEndpoints } from './routes/vm-keys.ts';
import { vmCreationEndpoint } from './routes/vm-creation.ts';
import { vmPowerEndpoints } from './routes/vm-power.ts';
import { vmRecoverEndpoints } from './routes/vm-recover.ts';
import { vmSizeEndpoints } from './routes/vm-size.ts';
import { vmEndpoints } from './routes/vms.ts';
import { createCreateVm } from './vms/create-vm.ts';
import { createChangeKeys } from './vms/change-keys.ts';
import { createChangeVm } from './vms/change-vm.ts';
import { createCreationReplay } from './vms/creation-replay.ts';
import { createOperationWaiter } from './vms/operation-waiter.ts';
import { createResizeVm } from './vms/resize-vm.ts';
import { createRecordWaiter } from './vms/record-waiter.ts';
import { createWaitForVm } from './vms/wait-for-vm.ts';

/** The gateway as one component. */
export interface Gateway extends Component {
  /** The port on which it listens. */
  port(): number;
}

/** What tests have otherwise. */
export interface GatewayOptions {
  readonly faults?: FaultPoints | undefined;
  readonly countingPatience?: CountingPatience | undefined;
}

/** Builds the gateway by hand from its settings; the data directory is made where it is missing. */
export async function createGateway(
  settings: Settings,
  logger: Logger,
  { faults, countingPatience: patience }: GatewayOptions = {},
): Promise<Gateway> {
  const directory = dataDirectory(settings.DATA_DIR);
  await mkdir(directory.root, { recursive: true });
  const sealKey = await loadSealKey(directory.sealKey);
  const seal = createSeal(sealKey);
  const ownerTokens = createOwnerTokens(sealKey);
  const operatorToken = createSecretSet([await loadOperatorToken(directory.operatorToken)]);
  const apiKeys = createSecretSet(await loadApiKeys(settings.API_KEYS, settings.API_KEYS_FILE));
  const generatedId = await loadProviderId(directory.providerId);
  const version = softwareVersion();

  const hostId = settings.HOST_ID;
  const redis = producerRedis(redisUrl(settings), logger);
  // Of its own: what holds up the counting of requests must not hold up the requests.
  const countingRedis = producerRedis(redisUrl(settings), logger);
  const records = createRecordStore(redis, hostId, systemClock);
  const reports = createReportStore(redis, hostId);
  const history = createSampleHistory(redis, hostId);
  const queue = createOperationQueue(redis, hostId, logger, faults);
  const feed = createEventFeed(blockingRedis(redisUrl(settings), logger), hostId, logger);
  const portRange = { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END };
  const metrics = createMetrics('api-gateway');
  const limits = { maxVms: settings.MAX_VMS, portRange };
  const admission = meteredAdmission(createAdmission(redis, hostId, limits, systemClock), metrics);
  const published = createMetricsStore(redis, hostId);

  const drain = createKeptDrain({
    drain: createDrainSwitch(redis, hostId, systemClock),
    file: directory.drain,
    logger,
  });

  const stopping = new AbortController();
  // Every wait and every stream listens; that is no leak to be warned of.
  setMaxListeners(0, stopping.signal);
  const waiter = createOperationWaiter({ records, feed, stopping: stopping.signal, logger });
  const identity = createProviderIdentity({ settings, reports, generatedId, version, networkInterfaces });
  const waitForVm = createWaitForVm(records, createRecordWaiter({ feed, stopping: stopping.signal, logger }));
  const replay = createCreationReplay(createIdempotencyStore(redis, hostId), logger);
  const createVm = createCreateVm({ settings, reports, admission, records, queue, waiter, ownerTokens });
  const changeVm = createChangeVm({ records, queue, waiter, clock: systemClock });
  const changeKeys = createChangeKeys({ records, queue, waiter, clock: systemClock });
  const resizing = createResizing(records, systemClock);
  const resizeVm = createResizeVm({ settings, records, resizing, queue, waiter });

  const streams = createEventStreams({
    records,
    feed,
    history: createEventHistory(redis, hostId, logger),
    limit: createListenerLimit(settings.MAX_LISTENERS_PER_CLIENT),
  });

  const app = createApp({
    endpoints: {
      ...vmCreationEndpoint({ identity, createVm, replay, ownerTokens, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmEndpoints({ records, identity, seal, changeVm, waitForVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmPowerEndpoints({ records, identity, changeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmSizeEndpoints({ records, identity, resizeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmKeyEndpoints({ records, changeKeys, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...vmRecoverEndpoints({ records, identity, changeVm, requestTimeout: settings.REQUEST_TIMEOUT }),
      ...jobEndpoints(records, createRecentOperations(redis, hostId)),
      ...eventEndpoints(streams),
      ...providerEndpoints({ settings, records, reports, history, identity, drain }),
      ...serviceEndpoints({ ping: () => redis.ping(), reports }),
    },
    openApiDocument: () => openApiDocument(version),
    queue: queue.queue,
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
    access: {
      mode: settings.AUTH,
      findOrigin: trustProxies(settings.TRUSTED_PROXIES),
      isGuest: createGuestFinder(),
      operatorToken,
      apiKeys,
      ownerTokens,
      rules: { mode: settings.AUTH, needsApiKey: settings.AUTH === 'token' || apiKeys.size > 0 },
      checkOwnership: createOwnershipCheck(records),
    },
    rates: settings,
    rateStoreOf: (name) =>
      createRateStore({ redis: countingRedis, prefix: `${redisNames(hostId).ratePrefix}${name}:`, logger, patience }),
    corsOrigins: settings.CORS_ORIGINS,
    stopping: stopping.signal,
    logger,
  });
  const server = createHttpServer({ host: settings.HOST, port: settings.PORT, listener: app, stopping });
  // The server starts last and stops first; what it works with is there while it answers.
  const component = compose('api-gateway', [
    redisComponent(redis),
    redisComponent(countingRedis),
    queue,
    drain,
    startInBackground(feed, logger),
    server,
  ]);
  return { ...component, port: () => server.port() };
}

/** The service as `runService` takes it. */
export async function createService(settings: Settings, faults?: FaultPoints): Promise<Service> {
  const logger = createLogger(loggerOptions('api-gateway', settings, process.stdout.isTTY));
  return { logger, component: await createGateway(settings, logger, { faults }) };
}
