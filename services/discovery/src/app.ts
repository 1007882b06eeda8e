import { isIPv4 } from 'node:net';
import type { Clock, Logger } from '@golem-provider/service-kit';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { advertisementBody, fits, type Generation, type KeptAdvertisement, Wanted } from './advertisement.ts';
import type { AdvertisementStore } from './advertisement-store.ts';
import { invalid, invalidFields, type InvalidField, missingHeader, Refusal, refusal, zonelessTime } from './answers.ts';

const PATH = '/api/v1/advertisements';
const WINDOW_MS = 60_000;
const REQUESTS_PER_WINDOW = 100;
const MAX_BODY_BYTES = 64 * 1024;

/** What the application is made of. */
export interface AppDeps {
  readonly generation: Generation;
  readonly store: AdvertisementStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Who calls. The content of the signature is not checked, as with the services in use.
 *
 * @param alsoInvalid what else is wrong with the request, told together with a missing header.
 * @throws Refusal 422 where a header is missing, 401 where one is empty.
 */
function caller(request: Request, alsoInvalid: readonly InvalidField[] = []): string {
  const id = request.get('X-Provider-ID');
  const signature = request.get('X-Provider-Signature');
  if (id === undefined || signature === undefined) {
    throw invalid([
      ...(id === undefined ? [missingHeader('X-Provider-ID')] : []),
      ...(signature === undefined ? [missingHeader('X-Provider-Signature')] : []),
      ...alsoInvalid,
    ]);
  }
  if (id.trim() === '' || signature.trim() === '') {
    throw refusal(401, 'AUTH_003', 'The provider id and the signature must not be empty');
  }
  return id;
}

function parseJson(text: string): { readonly value: unknown } | InvalidField {
  if (text === '') return { loc: ['body'], msg: 'Field required', type: 'missing' };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' };
  }
}

const notFound = (): Refusal => refusal(404, 'ADV_004', 'Advertisement not found');
const Text = z.string().catch('');

/** The service: the same answers, status by status, as the ones in use. */
export function createApp({ generation, store, clock, logger }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(
    rateLimit({
      windowMs: WINDOW_MS,
      limit: REQUESTS_PER_WINDOW,
      standardHeaders: false,
      legacyHeaders: false,
      keyGenerator: (request) => request.socket.remoteAddress ?? '',
      handler: (_request, response) => {
        const timestamp = zonelessTime(clock.now());
        response.status(429).json({ code: 'RATE_001', message: 'Rate limit exceeded', timestamp });
      },
      // Its checks print to the console, about proxies that this service does not trust anyway.
      validate: false,
    }),
  );

  app.get('/health', (_request, response) => {
    response.json({ status: 'healthy' });
  });

  app.post(PATH, express.text({ type: () => true, limit: MAX_BODY_BYTES }), async (request, response) => {
    const json = parseJson(Text.parse(request.body));
    const body =
      'value' in json ? advertisementBody(generation).safeParse(json.value, { reportInput: true }) : undefined;
    const wrong = 'value' in json ? invalidFields('body', body?.error?.issues ?? []) : [json];
    const id = caller(request, wrong);
    if (body?.data === undefined) throw invalid(wrong);
    if (!isIPv4(body.data.ip_address)) throw refusal(400, 'ADV_001', 'ip_address is not an IPv4 address');
    const now = zonelessTime(clock.now());
    const before = await store.read(id);
    const kept: KeptAdvertisement = {
      provider_id: id,
      ...body.data,
      created_at: before?.created_at ?? now,
      updated_at: now,
    };
    await store.save(kept);
    logger.info({ provider_id: id, resources: kept.resources }, 'advertised');
    response.json(kept);
  });

  app.get(PATH, async (request, response) => {
    const wanted = Wanted.safeParse(request.query, { reportInput: true });
    if (!wanted.success) throw invalid(invalidFields('query', wanted.error.issues));
    for (const name of ['cpu', 'memory', 'storage'] as const) {
      if ((wanted.data[name] ?? 1) < 1) throw refusal(400, 'ADV_002', `${name} must be at least 1`);
    }
    const all = await store.list(clock.now());
    response.json(all.filter((advertisement) => fits(advertisement, wanted.data, generation)));
  });

  app.get(`${PATH}/:id`, async (request, response) => {
    const advertisement = await store.read(request.params.id);
    if (advertisement === undefined) throw notFound();
    response.json(advertisement);
  });

  app.delete(`${PATH}/:id`, async (request, response) => {
    if (caller(request) !== request.params.id) {
      throw refusal(401, 'AUTH_004', 'The advertisement belongs to another provider');
    }
    if (!(await store.remove(request.params.id))) throw notFound();
    logger.info({ provider_id: request.params.id }, 'withdrawn');
    response.json({ status: 'success' });
  });

  for (const path of ['/health', PATH, `${PATH}/:id`]) {
    app.all(path, () => {
      throw new Refusal(405, { detail: 'Method Not Allowed' });
    });
  }
  app.use(() => {
    throw new Refusal(404, { detail: 'Not Found' });
  });

  const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof Refusal) {
      response.status(error.status).json(error.body);
      return;
    }
    const status = z.object({ status: z.int().min(400).max(499) }).safeParse(error);
    if (!status.success) logger.error({ err: error }, 'answering failed');
    response
      .status(status.data?.status ?? 500)
      .json({ detail: status.success ? 'Bad Request' : 'Internal Server Error' });
  };
  app.use(answerErrors);
  return app;
}
