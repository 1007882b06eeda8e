import { API_PREFIX, API_ROUTES, type Settings } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Request, RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { callerOf } from '../access/caller.ts';

const WINDOW_MS = 60_000;

/** How many requests a client may send in a minute. */
export type RateSettings = Pick<
  Settings,
  | 'RATE_LIMIT_PER_MINUTE'
  | 'RATE_LIMIT_READS_PER_MINUTE'
  | 'RATE_LIMIT_CHANGES_PER_MINUTE'
  | 'RATE_LIMIT_CREATIONS_PER_MINUTE'
>;

/** What a request is, to those who count. */
type RequestClass = 'reads' | 'changes' | 'creations';

/** Which of the limits beside the total a request falls under. */
export function requestClass(method: string, path: string): RequestClass {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'reads';
  const isCreation = method === 'POST' && path.replace(/\/$/, '') === API_PREFIX + API_ROUTES.createVm.path;
  return isCreation ? 'creations' : 'changes';
}

/**
 * Limits how many requests a client may send in a minute: in all, and of each class that has a limit. `exempt` paths are
 * not counted. `storeOf` makes the store of a limit.
 */
export function limitRate(
  settings: RateSettings,
  exempt: ReadonlySet<string>,
  storeOf: (name: string) => Store,
): RequestHandler[] {
  const limit = (name: string, perMinute: number, applies: (request: Request) => boolean): RequestHandler =>
    rateLimit({
      windowMs: WINDOW_MS,
      limit: perMinute,
      standardHeaders: 'draft-8',
      identifier: name,
      legacyHeaders: false,
      store: storeOf(name),
      keyGenerator: (request) => callerOf(request).client,
      skip: (request) => exempt.has(request.path) || !applies(request),
      handler: (_request, _response, next) => next(new AppError('RATE_LIMITED', `counting the ${name} of a client`)),
      // Its checks print to the console, about proxies, which are looked at elsewhere.
      validate: false,
    });
  const classes: [RequestClass, number | undefined][] = [
    ['reads', settings.RATE_LIMIT_READS_PER_MINUTE],
    ['changes', settings.RATE_LIMIT_CHANGES_PER_MINUTE],
    ['creations', settings.RATE_LIMIT_CREATIONS_PER_MINUTE],
  ];
  return [
    limit('requests', settings.RATE_LIMIT_PER_MINUTE, () => true),
    ...classes.flatMap(([name, perMinute]) =>
      perMinute === undefined
        ? []
        : [limit(name, perMinute, ({ method, path }) => requestClass(method, path) === name)],
    ),
  ];
}
