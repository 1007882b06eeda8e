import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  callDiscovery,
  type DiscoveryGeneration,
  eventually,
  freePort,
  type RedisServer,
  startRedisServer,
} from '@golem-provider/testing';
import { type AdvertiserFixture, createAdvertiserFixture, testSample } from '../testing/advertiser-fixture.ts';
import { type DiscoveryProcess, startDiscoveryProcess } from '../testing/discovery-process.ts';

const FRESH_MS = 600_000;
/** The service counts the requests of an address. */
const LOOK_EVERY_MS = 400;
let fixture: AdvertiserFixture;
let redis: RedisServer;
let discovery: DiscoveryProcess | undefined;

beforeEach(async () => {
  fixture = await createAdvertiserFixture();
  redis = await startRedisServer();
});
afterEach(async () => {
  await fixture.dispose();
  await discovery?.stop();
  discovery = undefined;
  await redis.stop();
});

async function find(url: string, query = ''): Promise<unknown> {
  return (await callDiscovery(url, { method: 'GET', path: `/api/v1/advertisements${query}` })).body;
}

describe('the advertiser with a real discovery service', () => {
  it.each<DiscoveryGeneration>(['older', 'newer'])(
    'is found, follows what is free, and is gone after a stop (%s generation)',
    async (generation) => {
      discovery = await startDiscoveryProcess(generation, redis.url);
      const { url } = discovery;
      const eventuallyFound = (resources: object | undefined): Promise<void> =>
        eventually(
          async () => {
            const ad = { provider_id: 'test-provider', ip_address: '203.0.113.7', country: 'SE', resources };
            expect(await find(url, '?cpu=2&country=SE')).toEqual(
              resources === undefined ? [] : [expect.objectContaining(ad)],
            );
          },
          30_000,
          LOOK_EVERY_MS,
        );
      await fixture.hostIsReady();
      const service = await fixture.start({ GOLEM_PROVIDER_DISCOVERY_URL: url }, { callDeadlineMs: 30_000 });
      await eventuallyFound({ cpu: 8, memory: 28, storage: 360 });

      await fixture.reserve(
        'golem-a-20260101-000000',
        { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
        { withEvent: true },
      );
      await eventuallyFound({ cpu: 6, memory: 24, storage: 340 });
      await fixture.release('golem-a-20260101-000000');
      await eventuallyFound({ cpu: 8, memory: 28, storage: 360 });

      const breaches = [{ dimension: 'cpu', value: 97, limit: 90 } as const];
      await fixture.reports.monitor.save(testSample({ breaches }), FRESH_MS);
      await eventuallyFound(undefined);
      await fixture.hostIsReady();
      await eventuallyFound({ cpu: 8, memory: 28, storage: 360 });

      await fixture.stop(service);
      expect(await find(url)).toEqual([]);
      if (generation === 'newer') expect(await find(url, '?platform=arm64')).toEqual([]);
    },
  );

  it('advertises again when the service comes back without its memory', async () => {
    const port = await freePort();
    discovery = await startDiscoveryProcess('newer', redis.url, port);
    await fixture.hostIsReady();
    await fixture.start(
      { GOLEM_PROVIDER_DISCOVERY_URL: discovery.url },
      { callDeadlineMs: 30_000, timing: { lookMs: 500 } },
    );
    await fixture.eventuallyStatus('advertised');

    await discovery.stop();
    await fixture.eventuallyStatus('failing');
    await redis.client().flushall();
    discovery = await startDiscoveryProcess('newer', redis.url, port);

    await fixture.eventuallyStatus('advertised');
    expect(await find(discovery.url)).toMatchObject([{ provider_id: 'test-provider' }]);
  });
});
