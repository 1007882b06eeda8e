import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  API_ROUTES,
  errorCodeEntry,
  JobAccepted,
  openApiDocument,
  Problem,
  PROBLEM_MEDIA_TYPE,
  type RouteContract,
  type RouteName,
} from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';
import { type RandomRequest, randomRequests } from './testing/random-requests.ts';

const COUNT = 5000;
const AT_ONCE = 40;
const SEED = Number(process.env['RANDOM_SEED'] ?? Date.now() % 2 ** 31);

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  // Waits of no time: whatever is accepted goes on as a job.
  gateway = await startGateway(server, { REQUEST_TIMEOUT: 0, RATE_LIMIT_PER_MINUTE: 1_000_000 });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

const document = openApiDocument('1.2.3');

/** What is wrong with an answer, by the document; undefined where nothing is. */
function fault({ name, method }: RandomRequest, response: Response, text: string): string | undefined {
  const route: RouteContract = API_ROUTES[name];
  const type = (response.headers.get('content-type') ?? '').split(';')[0];
  const isDocumented =
    method === route.method.toUpperCase() &&
    Object.keys(document.paths?.[route.path]?.[route.method]?.responses ?? {}).includes(String(response.status));
  const schema = isDocumented ? route.responses[response.status] : undefined;
  if (schema !== undefined) {
    if (schema.mediaType !== undefined) return type === schema.mediaType ? undefined : `is ${type}`;
    if (schema.schema === undefined) return text === '' ? undefined : 'has a body';
    const parsed = schema.schema.safeParse(JSON.parse(text));
    return parsed.success ? undefined : `does not match its schema: ${parsed.error.message}`;
  }
  if (type !== PROBLEM_MEDIA_TYPE) return `is ${type}`;
  const problem = Problem.strict().safeParse(JSON.parse(text));
  if (!problem.success) return `is no problem: ${problem.error.message}`;
  const { code, status } = problem.data;
  if (status !== response.status || errorCodeEntry(code).status !== status) return `says ${status} ${code}`;
  // What another method, or a path that is none, is answered with stands in no operation.
  if (isDocumented || code === 'METHOD_NOT_ALLOWED' || code === 'NOT_FOUND' || method !== route.method.toUpperCase()) {
    return status < 500 || status === 503 ? undefined : 'is a defect';
  }
  return 'is not documented';
}

describe('any request', () => {
  it('is answered as the document says, and changes nothing where it is refused', async () => {
    await gateway.reset();
    const seeds = await Promise.all(
      ['seed-one', 'seed-two'].map((name) => gateway.accept(name, { ssh_key: REQUESTOR_KEY })),
    );
    const known = { vms: seeds.map(({ vm_id }) => vm_id), jobs: seeds.map(({ job_id }) => job_id) };
    for (const seed of seeds) await gateway.finishCreation(seed);
    const names = Object.keys(API_ROUTES).filter((name): name is RouteName => name in API_ROUTES);
    const waiting = randomRequests(names, known, COUNT, SEED);
    const faults: unknown[] = [];
    const statuses = new Map<number, number>();
    const vms = new Set<string>(known.vms);
    const jobs = new Set<string>();

    const send = async (request: RandomRequest): Promise<void> => {
      const { method, path, headers, body } = request;
      const ended = new AbortController();
      const response = await fetch(gateway.baseUrl + path, {
        method,
        headers: { ...headers },
        redirect: 'error',
        signal: ended.signal,
        ...(body !== undefined && { body }),
      });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      const text = isStream ? '' : await response.text();
      if (isStream) ended.abort();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const accepted = response.status === 202 ? JobAccepted.safeParse(JSON.parse(text)) : undefined;
      if (accepted?.success === true) {
        jobs.add(accepted.data.job_id);
        vms.add(accepted.data.vm_id);
      }
      const wrong = fault(request, response, text);
      if (wrong !== undefined) faults.push({ seed: SEED, request, status: response.status, text, wrong });
    };
    const lane = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await send(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));

    expect(faults.slice(0, 3)).toEqual([]);
    const found = await gateway.records.listVms();
    expect(found.map(({ id }) => id).sort()).toEqual([...vms].sort());
    expect([...(await gateway.records.listReservations()).keys()].sort()).toEqual([...vms].sort());
    const pending = (await gateway.records.listPendingOperations()).map(({ id }) => id);
    // A seed's own job has ended; it may be shown again, but is not accepted again.
    expect(pending.filter((id) => !jobs.has(id))).toEqual([]);
    // Not all was refused: the requests are worth something.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(COUNT / 20);
    expect(jobs.size).toBeGreaterThan(0);
  }, 300_000);
});
