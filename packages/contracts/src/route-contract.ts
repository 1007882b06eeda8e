import { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';
import { JobAccepted } from './operation.ts';
import { VmId } from './vm.ts';

/** One answer of a route that is not an error. */
export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Names and meanings of headers worth knowing. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route as a value: the gateway serves exactly these, the OpenAPI document lists exactly these. */
export interface RouteContract {
  readonly method: 'get' | 'post' | 'delete';
  /** Path below the API's prefix, in OpenAPI's form. */
  readonly path: string;
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
  /** Answers only who calls from the provider's own machine; others get `FORBIDDEN`. */
  readonly operatorOnly?: boolean;
  /** Also served without the API's prefix. */
  readonly unprefixed?: boolean;
}

/** The path of a VM. */
export const vmParams = z.object({ id: VmId });
/** The query of a change that may go on in the background. */
export const asyncQuery = z.object({
  async: z
    .stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })
    .optional()
    .meta({ type: 'boolean', description: 'Answer 202 at once and go on in the background.' }),
});
/** The header that says how long a request waits. */
export const preferHeaders = z.object({
  prefer: z
    .string()
    .max(256)
    .optional()
    .describe('respond-async answers 202 at once; wait=N waits at most N seconds (RFC 7240).'),
});
/** The answer of a change that goes on in the background. */
export const accepted = {
  description: 'The work goes on in the background.',
  schema: JobAccepted,
  headers: { Location: 'Path of the job.' },
} as const satisfies RouteResponse;
