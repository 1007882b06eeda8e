import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_PREFIX, API_ROUTES, HostId, openApiDocument, Problem, Readiness } from '@golem-provider/contracts';
import { dataDirectory, loadProviderId, softwareVersion } from '@golem-provider/service-kit';
import { createSampleHistory } from '@golem-provider/store';
import {
  advertiserReport,
  eventually,
  hostSample,
  type RedisServer,
  startRedisServer,
  workerReport,
} from '@golem-provider/testing';
import request from 'supertest';
import { parseProblem } from './testing/api-client.ts';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { PUBLIC_IP: '203.0.113.9' });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

describe('the provider', () => {
  it('tells who it is', async () => {
    expect((await gateway.api.call('getProviderInfo')).body).toEqual({
      provider_id: await loadProviderId(dataDirectory(gateway.dataDirectory).providerId),
      name: 'golem-provider',
      country: 'SE',
      platform: 'x86_64',
      public_key: null,
      ip_address: '203.0.113.9',
      version: softwareVersion(),
      hypervisor: workerReport().hypervisor,
      advertisement: { status: 'pending', last_success_at: null, reason: null },
    });
  });

  it('tells what the advertiser says of it', async () => {
    const report = advertiserReport();
    await gateway.reports.advertiser.save(report, 60_000);

    expect((await gateway.api.call('getProviderInfo')).body).toMatchObject({
      provider_id: report.provider_id,
      public_key: report.public_key,
      advertisement: report.advertisement,
    });
  });

  it('reads what an advertiser of an earlier version has left', async () => {
    const { provider_id, public_ip, reported_at, advertisement } = advertiserReport();
    const earlier = JSON.stringify({ provider_id, public_ip, reported_at, advertisement });
    await gateway.redis.set(gateway.names.report('advertiser'), earlier);

    expect((await gateway.api.call('getProviderInfo')).body).toMatchObject({ provider_id, public_key: null });
  });

  it('tells what it can before the others have reported', async () => {
    await gateway.redis.flushall();

    expect((await gateway.api.call('getProviderInfo')).body).toMatchObject({ platform: null, hypervisor: null });
    expect((await gateway.api.call('getProviderResources')).body).toMatchObject({
      total: null,
      available: { cpu_cores: 0, memory_gb: 0, storage_gb: 0 },
      accepting: false,
      reasons: [{ code: 'WORKER_UNAVAILABLE' }, { code: 'SAMPLES_STALE' }],
    });
  });

  it('tells what is free', async () => {
    await gateway.accept('web', { cpu_cores: 2, memory_gb: 4, storage_gb: 20 });

    expect((await gateway.api.call('getProviderResources')).body).toEqual({
      total: { cpu_cores: 64, memory_gb: 64, storage_gb: 1000 },
      cpu_overcommit: 1,
      host_reserve: { cpu_cores: 0, memory_gb: 7, storage_gb: 100 },
      reserved: { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
      available: { cpu_cores: 62, memory_gb: 53, storage_gb: 880 },
      usage_percent: hostSample().usage_percent,
      thresholds: { cpu: 90, memory: 85, storage: 90 },
      accepting: true,
      reasons: [],
    });
  });

  it('shows what its load was, the last points alone where a limit is given', async () => {
    const history = createSampleHistory(gateway.redis, HostId.parse('local'));
    const points = [1, 2, 3].map((second) => ({
      sampled_at: `2026-01-01T00:00:0${second}.000Z`,
      usage_percent: { cpu: second, memory: 20, storage: 30 },
      over_limit: [],
    }));
    expect((await gateway.api.call('getProviderHistory')).body).toEqual({ points: [] });
    for (const point of points) await history.append(point, 10);

    expect((await gateway.api.call('getProviderHistory')).body).toEqual({ points });
    expect((await gateway.api.call('getProviderHistory', { query: { limit: '2' } })).body).toEqual({
      points: points.slice(1),
    });
    expect(await gateway.api.problem('getProviderHistory', { query: { limit: '0' } })).toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});

describe('health and readiness', () => {
  it('is up, with and without the prefix', async () => {
    expect((await gateway.api.call('getHealth')).body).toEqual({ status: 'ok' });
    expect((await gateway.api.get('/health')).body).toEqual({ status: 'ok' });
  });

  it('is ready when Redis, worker and monitor are', async () => {
    const { status, body } = await gateway.api.call('getReadiness');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      ready: true,
      checks: [{ name: 'redis' }, { name: 'worker' }, { name: 'monitor' }, { name: 'advertisement' }],
    });
  });

  it.each([
    [undefined, false, 'the advertiser has never reported'],
    [advertiserReport(), true, 'advertised'],
    [
      advertiserReport({ advertisement: { status: 'failing', last_success_at: null, reason: 'It is down.' } }),
      false,
      'failing: It is down.',
    ],
  ])('is ready whatever the advertiser says, and tells that too %#', async (report, ok, detail) => {
    if (report !== undefined) await gateway.reports.advertiser.save(report, 60_000);

    const { status, body } = await gateway.api.call('getReadiness');

    expect(status).toBe(200);
    expect(body).toMatchObject({ ready: true });
    expect(Readiness.parse(body).checks.at(-1)).toEqual({ name: 'advertisement', ok, required: false, detail });
  });

  it.each([
    ['worker', 'worker', 'last reported at'],
    ['monitor', 'monitor', 'last sampled at'],
  ] as const)('is not ready when the %s is late', async (service, name, detail) => {
    await gateway.redis.del(gateway.names.reportFresh(service));

    const { status, body, headers } = await gateway.api.call('getReadiness');

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(body).toMatchObject({
      ready: false,
      checks: expect.arrayContaining([{ name, ok: false, required: true, detail: expect.stringContaining(detail) }]),
    });
  });

  it('says why the hypervisor does not serve', async () => {
    await gateway.reports.worker.save({ ...workerReport(), healthy: false, reason: 'multipassd is down' }, 60_000);

    const { status, body } = await gateway.api.call('getReadiness');

    expect(status).toBe(503);
    expect(body).toMatchObject({
      checks: expect.arrayContaining([{ name: 'worker', ok: false, required: true, detail: 'multipassd is down' }]),
    });
  });
});

describe('methods', () => {
  it.each([
    ['put', '/api/v1/vms', 'POST, GET, HEAD'],
    ['delete', '/api/v1/vms', 'POST, GET, HEAD'],
    ['post', '/api/v1/vms/golem-web-20260101-120000', 'GET, HEAD, DELETE'],
    ['delete', '/api/v1/vms/jobs', 'GET, HEAD'],
    ['patch', '/api/v1/provider/info', 'GET, HEAD'],
    ['post', '/health', 'GET, HEAD'],
  ] as const)('%s is not allowed on %s', async (method, path, allow) => {
    const response = await request(gateway.baseUrl)[method](path);

    expect(parseProblem(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(response.headers['allow']).toBe(allow);
  });

  it('serves HEAD where it serves GET', async () => {
    expect((await request(gateway.baseUrl).head('/api/v1/vms')).status).toBe(200);
  });
});

describe('the docs', () => {
  it('serves the document of the contract', async () => {
    const response = await gateway.api.get(`${API_PREFIX}/openapi.json`);

    expect(response.body).toEqual(JSON.parse(JSON.stringify(openApiDocument(softwareVersion()))));
  });

  it.each(['/api/v1/docs', '/api/v1/docs/'])('shows it at %s with nothing from elsewhere', async (path) => {
    const page = await gateway.api.get(path);
    const links = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link);

    expect(page.status).toBe(200);
    expect(page.type).toBe('text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\/api\/v1\/docs\/[\w.-]+$/);
      expect((await gateway.api.get(link)).status).toBe(200);
    }
    const init = await gateway.api.get('/api/v1/docs/swagger-ui-init.js');
    expect(init.text).toContain('"swaggerUrl": "/api/v1/openapi.json"');
    expect(init.text).not.toMatch(/https?:\/\//);
  });
});

describe('the queue board', () => {
  it('is shown to the operator, who calls from this machine', async () => {
    await gateway.accept('web');

    const page = await gateway.api.get('/admin/queues');
    expect(page.status).toBe(200);
    expect(page.type).toBe('text/html');
    const queues = await gateway.api.get('/admin/queues/api/queues');
    expect(queues.body).toMatchObject({
      queues: [{ name: gateway.names.operationQueue, readOnlyMode: true, counts: { waiting: 1 } }],
    });
  });

  it.each([
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-For', ''],
    ['Forwarded', 'for=127.0.0.1'],
    ['Host', 'provider.example.org'],
  ])('is not shown with %s: %s', async (header, value) => {
    const response = await gateway.api.get('/admin/queues', { [header]: value });

    expect(parseProblem(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  });

  it.each(['/admin/queues/api/queues', '/admin/queues/static/css/x.css'])('guards %s too', async (path) => {
    expect((await gateway.api.get(path, { 'X-Forwarded-For': '10.0.0.1' })).status).toBe(401);
  });
});

describe('the log', () => {
  it('has one line for a request, with its id, without headers, query and body', async () => {
    await request(gateway.baseUrl)
      .post('/api/v1/vms?async=1&secret=query-secret')
      .set({ 'X-Request-Id': 'log-test', Cookie: 'session=header-secret' })
      .send({ name: 'web', image: 'body-secret' });

    const lines = await eventually(() => {
      const found = gateway.logs().filter(({ request_id }) => request_id === 'log-test');
      expect(found).not.toEqual([]);
      return found;
    });
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        code: 'IMAGE_UNKNOWN',
        req: { method: 'POST', path: '/api/v1/vms', client: '127.0.0.1' },
        res: { status: 422 },
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('does not take over an id that could deceive a reader', async () => {
    const response = await gateway.api.get('/health', { 'X-Request-Id': 'a b"c' });

    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a slow or broken client', () => {
  it('may send its body in pieces', async () => {
    const reply = new Promise<string>((resolve, reject) => {
      const client = httpRequest(
        `${gateway.baseUrl}${API_PREFIX}${API_ROUTES.createVm.path}`,
        { method: 'POST', headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => (text += piece));
          response.on('end', () => resolve(text));
        },
      );
      client.on('error', reject);
      client.write('{"name":');
      client.end('"x"}');
    });

    expect(Problem.parse(JSON.parse(await reply))).toMatchObject({ code: 'INVALID_REQUEST', status: 422 });
  });
});
