import { createDocument, type oas31, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { API_PREFIX, API_ROUTES } from './api-routes.ts';
import { type ErrorCode, errorCodeEntry } from './error-codes.ts';
import { Problem, PROBLEM_MEDIA_TYPE } from './problem.ts';
import type { RouteContract } from './route-contract.ts';

const ACCESS_ERRORS: readonly ErrorCode[] = ['UNAUTHORIZED', 'FORBIDDEN'];
const COMMON_ERRORS: readonly ErrorCode[] = ['RATE_LIMITED', 'INTERNAL', 'STORE_UNAVAILABLE'];
const INPUT_ERRORS: readonly ErrorCode[] = ['INVALID_REQUEST'];
const BODY_ERRORS: readonly ErrorCode[] = ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** Every code with which a route may answer. */
export function errorCodesOf(route: RouteContract): ErrorCode[] {
  const hasInput = route.params ?? route.query ?? route.headers ?? route.body;
  return [
    ...route.errors,
    ...(hasInput === undefined ? [] : INPUT_ERRORS),
    ...(route.body === undefined ? [] : BODY_ERRORS),
    ...(route.access === 'public' ? [] : ACCESS_ERRORS),
    ...COMMON_ERRORS,
  ];
}

/** Headers of every answer. */
const COMMON_HEADERS = {
  'X-Request-Id': 'Names the request in logs and problems; taken from the request where it sends one.',
  RateLimit: 'What is left of each limit (draft 8 of the RateLimit header fields).',
  'RateLimit-Policy': 'The limits of a client.',
} as const;

/** How callers of a route may show who they are; the empty way: by calling from the host, or an open provider. */
function securityOf({ access }: RouteContract): oas31.SecurityRequirementObject[] {
  switch (access) {
    case 'public':
      return [];
    case 'owner':
    case 'creator':
      return [{ token: [] }, {}];
    case 'operator':
      return [{ token: [] }, { operatorPassword: [] }, {}];
  }
}

/** The headers by which a status says what to do next. */
function errorHeaders(status: number): Readonly<Record<string, string>> {
  switch (status) {
    case 401:
      return { 'WWW-Authenticate': 'How to be let in.' };
    case 429:
    case 503:
      return { 'Retry-After': 'Seconds to wait.' };
    default:
      return {};
  }
}

function headersObject(headers: Readonly<Record<string, string>>): oas31.HeadersObject {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  );
}

function errorResponses(route: RouteContract): NonNullable<ZodOpenApiOperationObject['responses']> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorCodesOf(route)) {
    const { status } = errorCodeEntry(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      // A route that gives such a status a body of its own (readiness) says so itself.
      .filter(([status]) => route.responses[status] === undefined)
      .map(([status, codes]) => [
        String(status),
        {
          description: codes.map((code) => `\`${code}\`: ${errorCodeEntry(code).title}.`).join(' '),
          headers: headersObject({ ...errorHeaders(status), ...COMMON_HEADERS }),
          content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } },
        },
      ]),
  );
}

function operationObject(operationId: string, route: RouteContract): ZodOpenApiOperationObject {
  return {
    operationId,
    tags: [route.tag],
    security: securityOf(route),
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    requestParams: {
      ...(route.params && { path: route.params }),
      ...(route.query && { query: route.query }),
      ...(route.headers && { header: route.headers }),
    },
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [
          status,
          {
            description: response.description,
            headers: headersObject({ ...response.headers, ...COMMON_HEADERS }),
            ...(response.schema && {
              content: { [response.mediaType ?? 'application/json']: { schema: response.schema } },
            }),
          },
        ]),
      ),
      ...errorResponses(route),
    },
  };
}

// Zod writes the limits of JavaScript's integers and its own pattern for times; neither tells a reader anything.
function removeNoise(schema: { maximum?: unknown; minimum?: unknown; format?: unknown; pattern?: unknown }): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.format === 'date-time') delete schema.pattern;
}

/** The OpenAPI 3.1 document of the API, made from the schemas that validate it. Pure: the same for the same version. */
export function openApiDocument(version: string): oas31.OpenAPIObject {
  const paths: ZodOpenApiPathsObject = {};
  const routes: [string, RouteContract][] = Object.entries(API_ROUTES);
  for (const [operationId, route] of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationObject(operationId, route) };
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'VM on Golem: provider',
        version,
        description:
          'Rents out virtual machines of one host. Errors are problem documents (RFC 9457) with a stable `code`.',
        license: { name: 'GPL-3.0-only', identifier: 'GPL-3.0-only' },
      },
      servers: [{ url: API_PREFIX }],
      tags: [
        { name: 'VMs', description: 'Virtual machines.' },
        { name: 'Jobs', description: 'Operations that go on in the background.' },
        { name: 'Provider', description: 'The host and its owner.' },
        { name: 'Service', description: 'The software itself.' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'The owner_token of a creation, an API key (to create VMs), or the token of the operator.',
          },
          operatorPassword: {
            type: 'http',
            scheme: 'basic',
            description: 'The token of the operator as a password, for browsers; any user name.',
          },
        },
      },
      paths,
    },
    {
      override: ({ jsonSchema }) => {
        removeNoise(jsonSchema);
      },
    },
  );
}
