import type { z } from 'zod';
import type { RouteAccess } from './access.ts';
import type { ErrorCode } from './error-codes.ts';
import type { EVENT_STREAM_MEDIA_TYPE } from './events.ts';

/** One answer of a route that is not an error. */
export interface RouteResponse {
  readonly description: string;
  /** Of the body as JSON, or of the data of each event of a stream. Left out: there is no body. */
  readonly schema?: z.ZodType;
  /** The body never ends by itself: it is a stream of Server-Sent Events. */
  readonly mediaType?: typeof EVENT_STREAM_MEDIA_TYPE;
  /** Names and meanings of headers worth knowing. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route as a value: the gateway serves exactly these, the OpenAPI document lists exactly these. */
export interface RouteContract {
  readonly method: 'get' | 'post' | 'delete';
  /** Path below the API's prefix, in OpenAPI's form. */
  readonly path: string;
  readonly access: RouteAccess;
  readonly tag: 'VMs' | 'Jobs' | 'Provider' | 'Service';
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Errors of this route's own; those that any route can give are added. */
  readonly errors: readonly ErrorCode[];
  /** Also served without the API's prefix. */
  readonly unprefixed?: boolean;
}
