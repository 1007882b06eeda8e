import { API_PREFIX, API_ROUTES, type RouteContract } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { IRouter, Request, RequestHandler, Response } from 'express';
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

function sendJson(response: Response, body: unknown): void {
  const text = JSON.stringify(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  // Node.js leaves the body out where HEAD was asked.
  response.end(text);
}

async function send(
  response: Response,
  { status, headers, body, stream }: Answer,
  options: EventStreamOptions,
): Promise<void> {
  response.status(status);
  // Answers change by the second, and one of them holds a private key.
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (stream !== undefined) await serveEventStream(response, stream, options);
  else if (body === undefined) response.end();
  else sendJson(response, body);
}

/** Whether the client has gone before it was answered. */
function createGone(response: Response): { isTrue(): boolean; signal(): AbortSignal } {
  let controller: AbortController | undefined;
  let isGone = false;
  response.on('close', () => {
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

function partsOf(path: string): number {
  return path.split('/').length;
}

/**
 * Paths in the order in which they are tried: `/vms/jobs` is no VM, so a fixed path goes before one with a parameter in the
 * same place. Short ones first: a VM is read more often than anything below it is asked for. Pure.
 */
export function orderPaths(paths: readonly string[]): string[] {
  // In the contract's form a parameter begins with a brace, which no fixed part does and which sorts behind all of them.
  return [...new Set(paths)].sort((a, b) => partsOf(a) - partsOf(b) || (a < b ? -1 : 1));
}

/** All routes at one path; other methods there are answered with 405. */
function mountPath(
  router: IRouter,
  path: string,
  routes: readonly (readonly [AnyEndpoint, RouteContract])[],
  options: MountOptions,
): void {
  // One for all methods: the router tries its layers one after another.
  const place = router.route(path);
  for (const [endpoint, route] of routes) {
    // Found out now rather than when somebody asks: a route of which nobody could say whose it is is not served.
    if (route.access === 'owner') subjectOf(route);
    // Before the body is read: whoever may not send one is not listened to.
    const guard: RequestHandler = (request, response, next) => {
      authorize(route.access, callerOf(request), options.rules, response);
      next();
    };
    const body = route.body === undefined ? [] : [jsonBody()];
    place[route.method](guard, ...body, serve(endpoint, route, options));
  }
  const allowed = allowHeader(routes.map(([, { method }]) => method));
  place.all((_request, response) => {
    response.set('Allow', allowed);
    throw new AppError('METHOD_NOT_ALLOWED', `answering on ${path}`);
  });
}

/** Every route of the contract, at the method and path that it names; other methods there are answered with 405. */
export function mountEndpoints(router: IRouter, endpoints: Endpoints, options: MountOptions): void {
  const all = Object.values(endpoints).map((item): readonly [AnyEndpoint, RouteContract] => [
    item,
    API_ROUTES[item.name],
  ]);
  for (const path of orderPaths(all.map(([, route]) => route.path))) {
    const here = all.filter(([, route]) => route.path === path);
    const unprefixed = here.filter(([, route]) => route.unprefixed === true);
    mountPath(router, API_PREFIX + expressPath(path), here, options);
    if (unprefixed.length > 0) mountPath(router, expressPath(path), unprefixed, options);
  }
}
