import { AppError } from '@golem-provider/service-kit';
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { callerOf } from '../access/caller.ts';

const WINDOW_MS = 60_000;

/** Limits how many requests a client may send in a minute, except to `exempt` paths. Counted in this process. */
export function limitRate(perMinute: number, exempt: ReadonlySet<string>): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => callerOf(request).client,
    skip: (request) => exempt.has(request.path),
    handler: (_request, _response, next) => next(new AppError('RATE_LIMITED', 'counting the requests of a client')),
    // Its checks print to the console, about proxies that this service does not trust anyway.
    validate: false,
  });
}
