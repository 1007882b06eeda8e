import { API_PREFIX, API_ROUTES, type RouteContract, type RouteName } from '@golem-provider/contracts';
import fc from 'fast-check';
import { z } from 'zod';

/** A request as a document suggests it, or as somebody gets it wrong. */
export interface RandomRequest {
  readonly name: RouteName;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface JsonSchema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly anyOf?: unknown;
  readonly pattern?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly maxLength?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
}

const Schemas = z.array(z.looseObject({}));
const Properties = z.record(z.string(), z.looseObject({}));
const Strings = z.array(z.string());

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

/** Values that a JSON schema allows, as far as this API's schemas go. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...z.array(z.unknown()).parse(schema.enum));
  if (schema.anyOf !== undefined) return fc.oneof(...Schemas.parse(schema.anyOf).map(valuesOf));
  switch (schema.type) {
    case 'integer':
    case 'number': {
      const min = numberOf(schema.minimum, 0);
      // Mostly small: what nobody can have is refused for that alone.
      return fc.oneof(
        fc.integer({ min, max: Math.min(numberOf(schema.maximum, 1000), min + 40) }),
        fc.integer({ min, max: numberOf(schema.maximum, 2 ** 31) }),
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'string':
      return typeof schema.pattern === 'string'
        ? fc.stringMatching(new RegExp(schema.pattern, 'u'), { size: 'small' })
        : fc.string({ maxLength: Math.min(numberOf(schema.maxLength, 40), 40) });
    case 'object': {
      const fields = Object.entries(Properties.parse(schema.properties ?? {}));
      const requiredKeys = Strings.parse(schema.required ?? []);
      return fc.record(Object.fromEntries(fields.map(([key, field]) => [key, valuesOf(field)])), { requiredKeys });
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Mostly what the schema allows; now and then anything. */
function roughly(schema: z.ZodType, valid = 6): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return fc.oneof(
    { weight: valid, arbitrary: valuesOf(json) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
}

function fieldsOf(schema: z.ZodObject | undefined): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(schema?.shape ?? {}).map(([key, field]): [string, fc.Arbitrary<unknown>] => [
    key,
    z
      .instanceof(z.ZodType)
      .transform((item) => fc.option(roughly(item), { nil: undefined }))
      .parse(field),
  ]);
  return fc.record(Object.fromEntries(entries));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

/** What is known to exist, for paths that lead somewhere. */
export interface KnownIds {
  readonly vms: readonly string[];
  readonly jobs: readonly string[];
}

const MISUSES: readonly Record<string, string>[] = [
  {},
  {},
  {},
  {},
  { Authorization: 'Bearer nonsense' },
  { 'X-Forwarded-For': '203.0.113.5' },
  { 'Content-Type': 'text/plain' },
  { 'Content-Encoding': 'gzip' },
];

/** Clients resolve dots themselves, and then ask for another path. */
const anySegment = fc.string({ minLength: 1, maxLength: 70 }).filter((text) => !/^\.{1,2}$/.test(text));

/** Requests of a route. */
function requestsOf(name: RouteName, known: KnownIds): fc.Arbitrary<RandomRequest> {
  const route: RouteContract = API_ROUTES[name];
  const segment = (ids: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ids) }, anySegment);
  return fc
    .record({
      id: segment(known.vms),
      job_id: segment(known.jobs),
      other: anySegment,
      query: fieldsOf(route.query),
      headers: fieldsOf(route.headers),
      misuse: fc.constantFrom(...MISUSES),
      body:
        route.body === undefined ? fc.constant(undefined) : fc.oneof(roughly(route.body, 8).map(textOf), fc.string()),
      method: fc.oneof({ weight: 30, arbitrary: fc.constant(route.method) }, fc.constantFrom('put', 'patch')),
    })
    .map(({ id, job_id, other, query, headers, misuse, body, method }): RandomRequest => {
      const ids: Record<string, string> = { id, job_id };
      const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(ids[key] ?? other));
      const parameters = Object.entries(query).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, textOf(value)]],
      );
      const search = new URLSearchParams(parameters).toString();
      const sent = Object.entries(headers).flatMap(([key, value]): [string, string][] =>
        value !== undefined && isHeader(key, textOf(value)) ? [[key, textOf(value)]] : [],
      );
      return {
        name,
        method: method.toUpperCase(),
        path: `${API_PREFIX}${path}${search === '' ? '' : `?${search}`}`,
        headers: {
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...Object.fromEntries(sent),
          ...misuse,
        },
        body,
      };
    });
}

/** So many requests of these routes. */
export function randomRequests(
  names: readonly RouteName[],
  known: KnownIds,
  count: number,
  seed: number,
): RandomRequest[] {
  return fc.sample(fc.oneof(...names.map((name) => requestsOf(name, known))), { numRuns: count, seed });
}
