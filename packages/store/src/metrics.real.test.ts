import { HostId, type MetricsSnapshot, redisNames } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { createMetrics } from '@golem-provider/service-kit/metrics';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMetricsPublisher, createMetricsStore, type MetricsStore } from './metrics.ts';

const HOST = HostId.parse('local');
const names = redisNames(HOST);

let server: RedisServer;
let store: MetricsStore;

beforeAll(async () => {
  server = await startRedisServer();
  store = createMetricsStore(server.client(), HOST);
});
beforeEach(() => server.client().flushall());
afterAll(() => server.stop());

function valueOf(snapshots: readonly MetricsSnapshot[], name: string): number | undefined {
  return snapshots.flat().find((metric) => metric.name === `golem_provider_${name}`)?.values[0]?.value;
}

describe('the store of metrics', () => {
  it('gives what each process saved last, and forgets those that are gone', async () => {
    const snapshot = await createMetrics('monitor').snapshot();
    await store.save('monitor', 'a', snapshot);
    await store.save('monitor', 'a', snapshot);
    await store.save('advertiser', 'b', []);

    expect(await store.read()).toEqual([[], snapshot]);
    expect(await server.client().pttl(names.metrics('monitor/a'))).toBeGreaterThan(0);

    await server.client().del(names.metrics('monitor/a'));
    expect(await store.read()).toEqual([[]]);
    expect(await server.client().smembers(names.metricsProcesses)).toEqual(['advertiser/b']);
  });

  it('is filled by a publisher, which in the end tells once more what was counted, and no levels any more', async () => {
    const metrics = createMetrics('vm-worker');
    const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
    const publisher = createMetricsPublisher({ metrics, store, service: 'vm-worker', logger });
    await publisher.start();
    await eventually(async () => expect(await store.read()).toHaveLength(1));
    metrics.count('operations_total', { kind: 'create', result: 'completed' });
    await publisher.stop();

    expect(valueOf(await store.read(), 'operations_total')).toBe(1);
    expect((await store.read()).flat().filter(({ type }) => type === 'gauge')).toEqual([]);
  });

  it('is told the last of a publisher that is stopped while it saves', async () => {
    const metrics = createMetrics('vm-worker');
    const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
    let letGo = (): void => undefined;
    const first = new Promise<void>((resolve) => (letGo = resolve));
    let saves = 0;
    const slow: MetricsStore = {
      ...store,
      save: async (...what) => {
        saves += 1;
        if (saves === 1) await first;
        await store.save(...what);
      },
    };
    const publisher = createMetricsPublisher({ metrics, store: slow, service: 'vm-worker', logger });
    await publisher.start();
    await eventually(() => expect(saves).toBe(1));
    metrics.count('operations_total', { kind: 'create', result: 'completed' });
    const stopped = publisher.stop();
    letGo();
    await stopped;

    expect(valueOf(await store.read(), 'operations_total')).toBe(1);
    expect((await store.read()).flat().filter(({ type }) => type === 'gauge')).toEqual([]);
  });
});
