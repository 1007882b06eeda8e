import { strict as assert } from 'node:assert';
import {
  API_PREFIX,
  API_ROUTES,
  errorCodeEntry,
  Problem,
  PROBLEM_MEDIA_TYPE,
  type RouteContract,
  type RouteName,
} from '@golem-provider/contracts';
import request, { type Response } from 'supertest';

/** What a call sends. A body that is a string is sent as it is. */
export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Calls routes of the contract and holds every answer to it. */
export interface ApiClient {
  /** Rejects when the answer is none that the contract promises. */
  call(name: RouteName, input?: CallInput): Promise<Reply>;
  /** A call that must end in a problem document. */
  problem(name: RouteName, input?: CallInput): Promise<Problem>;
  /** Any request, held to nothing. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Parses a problem document and checks that it agrees with itself and with the answer that carries it. */
export function parseProblem(response: Response): Problem {
  assert.equal(response.type, PROBLEM_MEDIA_TYPE);
  const problem = Problem.strict().parse(JSON.parse(response.text));
  assert.equal(problem.status, response.status);
  assert.equal(problem.status, errorCodeEntry(problem.code).status);
  assert.equal(problem.request_id, response.headers['x-request-id']);
  if (problem.status === 503 || problem.status === 429) assert.match(String(response.headers['retry-after']), /^\d+$/);
  return problem;
}

function checked(route: RouteContract, response: Response): unknown {
  const contract = route.responses[response.status];
  if (contract === undefined) return parseProblem(response);
  if (contract.schema === undefined) {
    assert.equal(response.text, '');
    return undefined;
  }
  assert.equal(response.type, 'application/json');
  return contract.schema.parse(response.body);
}

/** The client of a server. */
export function createApiClient(baseUrl: string): ApiClient {
  const call = async (
    name: RouteName,
    { params = {}, query = {}, headers = {}, body }: CallInput = {},
  ): Promise<Reply> => {
    const route: RouteContract = API_ROUTES[name];
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => params[key] ?? '');
    const client = request(baseUrl);
    const pending = client[route.method](API_PREFIX + path)
      .query(query)
      .set(headers);
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    if (body !== undefined && headers['Content-Type'] === undefined) pending.set('Content-Type', 'application/json');
    const response = await (body === undefined ? pending : pending.send(isRaw ? body : JSON.stringify(body)));
    return { status: response.status, headers: response.headers, body: checked(route, response) };
  };
  return {
    call,
    async problem(name, input) {
      return Problem.parse((await call(name, input)).body);
    },
    get: (path, headers = {}) => request(baseUrl).get(path).set(headers),
  };
}
