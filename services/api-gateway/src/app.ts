import { API_PREFIX } from '@golem-provider/contracts';
import { AppError, type Logger, systemClock } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { Queue } from 'bullmq';
import express, { type Express } from 'express';
import type { Store } from 'express-rate-limit';
import { authenticate, type AuthenticateDeps } from './access/authenticate.ts';
import type { AccessRules } from './access/authorize.ts';
import type { CheckOwnership } from './access/ownership.ts';
import { apiDocs } from './consoles/api-docs.ts';
import { metricsPage } from './consoles/metrics-page.ts';
import { queueBoard } from './consoles/queue-board.ts';
import { allowOrigins } from './http/allow-origins.ts';
import type { Endpoints } from './http/endpoint.ts';
import { mountEndpoints } from './http/mount-endpoints.ts';
import { problemHandler } from './http/problem-handler.ts';
import { limitRate, type RateSettings } from './http/rate-limit.ts';
import { requestLog } from './http/request-log.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { Exposition } from './metrics/exposition.ts';
import { requestMetrics } from './metrics/request-metrics.ts';

const BOARD_PATH = '/admin/queues';
const METRICS_PATH = '/metrics';
const DOCS_PATHS = { document: `${API_PREFIX}/openapi.json`, page: `${API_PREFIX}/docs` };

/** A supervisor that asks often must not be sent away. */
const UNLIMITED_PATHS = new Set(['/health', `${API_PREFIX}/health`, `${API_PREFIX}/ready`]);

/** What the pages that this service shows may load: nothing from elsewhere. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'", 'data:'],
    'object-src': ["'none'"],
    'base-uri': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  },
};

/** Who is who, and who may do what. */
export interface Access extends AuthenticateDeps {
  readonly rules: AccessRules;
  readonly checkOwnership: CheckOwnership;
}

/** What the application is made of. */
export interface AppDeps {
  readonly endpoints: Endpoints;
  readonly openApiDocument: () => object;
  readonly queue: Queue;
  readonly metrics: Metrics;
  readonly exposition: Exposition;
  readonly rates: RateSettings;
  /** Makes what a limit counts with. */
  readonly rateStoreOf: (name: string) => Store;
  /** Whose pages may use the API. */
  readonly corsOrigins: readonly string[];
  readonly access: Access;
  /** Aborts when the service stops; streams of events end then. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

/** The HTTP application: what happens to a request, in order. */
export function createApp(deps: AppDeps): Express {
  const { endpoints, access, stopping, logger } = deps;
  const app = express();
  app.disable('etag').disable('x-powered-by');
  const log = requestLog(logger, access.findOrigin, systemClock);
  const measure = requestMetrics(deps.metrics, systemClock);
  // The service speaks plain HTTP, so a promise of HTTPS would be a false one.
  const secure = securityHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, strictTransportSecurity: false });
  // One middleware for what lets every request pass: the router takes its time and memory for each.
  app.use((request, response, next) => {
    log(request, response);
    measure(request, response);
    secure(response);
    next();
  });
  for (const handler of allowOrigins(deps.corsOrigins)) app.use(handler);
  app.use(authenticate(access));
  app.use(BOARD_PATH, queueBoard(deps.queue, BOARD_PATH));
  app.get(METRICS_PATH, metricsPage(deps.exposition));
  app.use(...limitRate(deps.rates, UNLIMITED_PATHS, deps.rateStoreOf));
  apiDocs(app, deps.openApiDocument, DOCS_PATHS);
  mountEndpoints(app, endpoints, { stopping, rules: access.rules, checkOwnership: access.checkOwnership });
  app.use((request) => {
    throw new AppError('NOT_FOUND', `answering on ${request.path}`);
  });
  app.use(problemHandler);
  return app;
}
