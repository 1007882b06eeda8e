import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { HostId, metricSeriesNames } from '@golem-provider/contracts';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { createMetricsStore } from '@golem-provider/store';
import { advertiserReport, eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseProblem } from './testing/api-client.ts';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

const HOST = HostId.parse('local');
/** Of Debian's package prometheus, which the tests do not install. */
const PROMTOOL = '/usr/bin/promtool';
const itWithPromtool = existsSync(PROMTOOL) ? it : it.skip;

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { MAX_VMS: 1 });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

/** The samples of a scrape, by name and labels. */
async function scrape(): Promise<Map<string, number>> {
  const { status, type, text } = await gateway.api.get('/metrics');
  expect([status, type]).toEqual([200, 'text/plain']);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the metrics', () => {
  it('tell the levels of the host, what this service counted and what the others left', async () => {
    await gateway.reports.advertiser.save(advertiserReport(), 60_000);
    const worker = createMetrics('vm-worker');
    worker.count('operations_total', { kind: 'create', result: 'completed' });
    await createMetricsStore(gateway.redis, HOST).save('vm-worker', worker.processId, await worker.snapshot());
    const before = await scrape();
    await gateway.accept('web');
    await gateway.api.problem('createVm', { body: { name: 'one-too-many' } });

    // Counted when the answer is through, which its reader may see first.
    const after = await eventually(async () => {
      const found = await scrape();
      const route = 'method="POST",route="/api/v1/vms"';
      expect(
        found.get(`golem_provider_http_request_duration_seconds_count{${route},status="503",service="api-gateway"}`),
      ).toBe(1);
      expect(
        found.get(`golem_provider_http_request_duration_seconds_count{${route},status="202",service="api-gateway"}`),
      ).toBe(1);
      return found;
    });
    expect(before.get('golem_provider_vms{status="creating"}')).toBe(0);
    expect(Object.fromEntries(after)).toMatchObject({
      golem_provider_redis_up: 1,
      golem_provider_accepting: 0,
      'golem_provider_refusal_reason{reason="MAX_VMS_REACHED"}': 1,
      'golem_provider_vms{status="creating"}': 1,
      'golem_provider_capacity_cores{state="held"}': 1,
      'golem_provider_operations_pending{kind="create",status="queued"}': 1,
      'golem_provider_queue_jobs{state="waiting"}': 1,
      'golem_provider_advertisement_status{status="advertised"}': 1,
      'golem_provider_admissions_total{service="api-gateway"}': 1,
      'golem_provider_admission_refusals_total{reason="MAX_VMS_REACHED",service="api-gateway"}': 1,
      'golem_provider_operations_total{kind="create",result="completed",service="vm-worker"}': 1,
      'golem_provider_process_resident_memory_bytes{service="vm-worker"}': expect.any(Number),
      'golem_provider_nodejs_eventloop_lag_p99_seconds{service="api-gateway"}': expect.any(Number),
    });
  });

  it('are all in the table', async () => {
    const names = [...(await scrape()).keys()].map((key) => key.replace(/\{.*/, ''));

    expect(names.filter((name) => !metricSeriesNames().has(name))).toEqual([]);
  });

  itWithPromtool('follow the conventions of Prometheus, as its own tool says', async () => {
    const { text } = await gateway.api.get('/metrics');
    const tool = spawn(PROMTOOL, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (piece) => (output += String(piece)));
    const ended = once(tool, 'close');
    tool.stdin.end(text);
    await ended;

    // Names of prom-client and of process metrics that everybody knows are what they are.
    const ours = output.split('\n').filter((line) => line !== '' && !/golem_provider_(?:nodejs|process)_/.test(line));
    expect(ours).toEqual([]);
  });

  it.each([
    ['X-Forwarded-For', '127.0.0.1'],
    ['Host', 'provider.example.org'],
  ])('are not told with %s: %s', async (header, value) => {
    expect(parseProblem(await gateway.api.get('/metrics', { [header]: value }))).toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  it('tell also that Redis is away', async () => {
    const lonely = await startRedisServer();
    const other = await startGateway(lonely);
    try {
      await lonely.stop();
      const { status, text } = await other.api.get('/metrics');

      expect(status).toBe(200);
      expect(text).toContain('\ngolem_provider_redis_up 0\n');
      expect(text).toContain('golem_provider_process_cpu_seconds_total{service="api-gateway"}');
      expect(text).not.toContain('golem_provider_vms{');
    } finally {
      await other.stop();
    }
  });
});
