import {
  API_ROUTES,
  type ErrorCode,
  errorCodeEntry,
  type RouteContract,
  type RouteName,
} from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import type { EventStream } from './event-stream.ts';
import { fieldProblems } from './field-problems.ts';

type Routes = typeof API_ROUTES;
type InputPart = 'params' | 'query' | 'headers' | 'body';
type SchemaOf<Name extends RouteName, Part extends InputPart> = Part extends keyof Routes[Name]
  ? Extract<Routes[Name][Part], z.ZodType>
  : never;

/** What a route takes, as its contract says: those of params, query, headers and body that it has. */
export type RouteInput<Name extends RouteName> = {
  [Part in InputPart & keyof Routes[Name]]: z.output<SchemaOf<Name, Part>>;
};

type AnswerBody<Response> = Response extends { readonly mediaType: string }
  ? { readonly stream: EventStream }
  : Response extends { readonly schema: infer Schema extends z.ZodType }
    ? { readonly body: z.output<Schema> }
    : { readonly body?: never };

/** What a route answers, as its contract says: a status and the body that belongs to it. */
export type RouteAnswer<Name extends RouteName> = {
  [Status in keyof Routes[Name]['responses']]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
  } & AnswerBody<Routes[Name]['responses'][Status]>;
}[keyof Routes[Name]['responses']];

/** An answer of any route. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In place of a body: sends events until it has told all, or the client leaves. */
  readonly stream?: EventStream;
}

/** What accompanies a request. */
export interface RequestContext {
  readonly requestId: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly caller: Caller;
  /** Aborts when the client has gone before it was answered. */
  readonly gone: AbortSignal;
}

/** A request before it is validated. */
export type RawInput = Readonly<Record<InputPart, unknown>>;

/** What serves a route of the contract. */
export interface Endpoint<Name extends RouteName> {
  readonly name: Name;
  run(raw: RawInput, context: RequestContext): Promise<Answer>;
}

/** An endpoint for every route: one that is missing does not compile. */
export type Endpoints = { readonly [Name in RouteName]: Endpoint<Name> };

/** A path with an id that cannot be one leads to nothing that exists; anything else is an invalid field. */
function invalidInput(route: RouteContract, issues: readonly z.core.$ZodIssue[]): AppError {
  if (issues.some(({ path }) => path[0] === 'params')) {
    const missing: ErrorCode = route.errors.find((code) => errorCodeEntry(code).status === 404) ?? 'NOT_FOUND';
    return new AppError(missing, `reading the path of ${route.path}`);
  }
  return new AppError('INVALID_REQUEST', `validating ${route.method} ${route.path}`, { fields: fieldProblems(issues) });
}

/**
 * An endpoint from a use case: `input` is made of the contract's own schemas for this route, and `handle` gets what they
 * let pass.
 */
export function endpoint<Name extends RouteName>(
  name: Name,
  input: z.ZodType<RouteInput<Name>>,
  handle: (input: RouteInput<Name>, context: RequestContext) => Promise<RouteAnswer<Name> & Answer>,
): Endpoint<Name> {
  return {
    name,
    async run(raw, context) {
      const result = input.safeParse(raw);
      if (!result.success) throw invalidInput(API_ROUTES[name], result.error.issues);
      return handle(result.data, context);
    },
  };
}
