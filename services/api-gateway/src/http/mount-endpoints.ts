import { API_PREFIX, API_ROUTES, type RouteContract } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { type IRoute, type Request, type RequestHandler, type Response, Router } from 'express';
import { type AccessRules, authorize } from '../access/authorize.ts';
import { callerOf } from '../access/caller.ts';
import { type CheckOwnership, subjectOf } from '../access/ownership.ts';
import type { Answer, Endpoint, Endpoints } from './endpoint.ts';
import { type EventStreamOptions, serveEventStream } from './event-stream.ts';
import { jsonBody } from './json-body.ts';
import { requestIdOf } from './request-id.ts';

type AnyEndpoint = Pick<Endpoint<never>, 'run'>;

/** What all routes are served with. */
export interface MountOptions extends EventStreamOptions {
  readonly rules: AccessRules;
  readonly checkOwnership: CheckOwnership;
}

/** A path of the contract in Express's form. */
export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** The value of the Allow header for a path on which these methods are served; Express serves HEAD wherever it serves GET. */
export function allowHeader(methods: readonly RouteContract['method'][]): string {
  return methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
}

async function send(
  response: Response,
  { status, headers, body, stream }: Answer,
  options: EventStreamOptions,
): Promise<void> {
  response.status(status);
  if (headers !== undefined) response.set(headers);
  if (stream !== undefined) await serveEventStream(response, stream, options);
  else if (body === undefined) response.end();
  else response.json(body);
}

/** Whether the client has gone before it was answered. */
function createGone(response: Response): { isTrue(): boolean; signal(): AbortSignal } {
  let controller: AbortController | undefined;
  let isGone = false;
  response.once('close', () => {
    // An answer that was sent closes too: there is nobody to be stopped then.
    isGone = !response.writableFinished;
    if (isGone) controller?.abort(new Error('the client has gone'));
  });
  return {
    isTrue: () => isGone,
    signal() {
      if (controller === undefined) {
        controller = new AbortController();
        if (isGone) controller.abort(new Error('the client has gone'));
      }
      return controller.signal;
    },
  };
}

function serve(endpoint: AnyEndpoint, route: RouteContract, options: MountOptions): RequestHandler {
  return async (request: Request, response) => {
    const gone = createGone(response);
    const { params, query, headers } = request;
    const body: unknown = request.body;
    const caller = callerOf(request);
    const context = {
      requestId: requestIdOf(response),
      url: request.originalUrl,
      caller,
      // Made for those who look at it, which a read does not.
      get gone() {
        return gone.signal();
      },
    };
    try {
      await options.checkOwnership(route, params, caller);
      await send(response, await endpoint.run({ params, query, headers, body }, context), options);
    } catch (error) {
      // Nobody is left to be told.
      if (!gone.isTrue()) throw error;
    }
  };
}

function mountAt(
  router: Router,
  prefix: string,
  routes: readonly (readonly [AnyEndpoint, RouteContract])[],
  options: MountOptions,
): void {
  // One of a path, not of a method: the router tries them one after another.
  const places = new Map<string, { readonly at: IRoute; readonly methods: RouteContract['method'][] }>();
  for (const [endpoint, route] of routes) {
    const path = prefix + expressPath(route.path);
    // Found out now rather than when somebody asks: a route of which nobody could say whose it is is not served.
    if (route.access === 'owner') subjectOf(route);
    // Before the body is read: whoever may not send one is not listened to.
    const guard: RequestHandler = (request, response, next) => {
      authorize(route.access, callerOf(request), options.rules, response);
      next();
    };
    const body = route.body === undefined ? [] : [jsonBody()];
    const place = places.get(path) ?? { at: router.route(path), methods: [] };
    place.at[route.method](guard, ...body, serve(endpoint, route, options));
    place.methods.push(route.method);
    places.set(path, place);
  }
  for (const [path, { at, methods }] of places) {
    at.all((_request, response) => {
      response.set('Allow', allowHeader(methods));
      throw new AppError('METHOD_NOT_ALLOWED', `answering on ${path}`);
    });
  }
}

/** Every route of the contract, at the method and path that it names; other methods there are answered with 405. */
export function mountEndpoints(endpoints: Endpoints, options: MountOptions): Router {
  const all = Object.values(endpoints).map((item): readonly [AnyEndpoint, RouteContract] => [
    item,
    API_ROUTES[item.name],
  ]);
  const router = Router();
  mountAt(router, API_PREFIX, all, options);
  mountAt(
    router,
    '',
    all.filter(([, route]) => route.unprefixed === true),
    options,
  );
  return router;
}
