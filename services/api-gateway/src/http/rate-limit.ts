import { AppError } from '@golem-provider/service-kit';
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { clientAddress } from './client-address.ts';

const WINDOW_MS = 60_000;

/** Limits how many requests a client may send in a minute, except to `exempt` paths. Counted in this process. */
export function limitRate(perMinute: number, exempt: ReadonlySet<string>): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // An IPv6 client has a whole network of addresses; it counts as one.
    keyGenerator: (request) => ipKeyGenerator(clientAddress(request)),
    skip: (request) => exempt.has(request.path),
    handler: (_request, _response, next) => next(new AppError('RATE_LIMITED', 'counting the requests of a client')),
    // Its checks print to the console, about proxies that this service does not trust anyway.
    validate: false,
  });
}
