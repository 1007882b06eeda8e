import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redisNames } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createDrainSwitch } from '@golem-provider/store';
import { eventually, freePort, workerReport } from '@golem-provider/testing';
import { type AdvertiserFixture, createAdvertiserFixture, testSample } from './testing/advertiser-fixture.ts';
import type { Generation } from './testing/discovery-stub.ts';

const FRESH_MS = 600_000;
const VM = 'golem-a-20260101-000000';
let fixture: AdvertiserFixture;

beforeEach(async () => {
  fixture = await createAdvertiserFixture();
});
afterEach(() => fixture.dispose());

describe('the advertiser', () => {
  it.each<Generation>(['older', 'newer'])(
    'advertises at its start at a service of the %s generation',
    async (generation) => {
      await fixture.replaceStub(generation);
      await fixture.hostIsReady();
      await fixture.start();

      const { public_ip, provider_id, advertisement } = await fixture.eventuallyStatus('advertised');

      expect(fixture.advertised()).toMatchObject({
        ip_address: '203.0.113.7',
        country: 'SE',
        resources: { cpu: 8, memory: 28, storage: 360 },
        ...(generation === 'newer' && { platform: 'arm64' }),
      });
      expect({ public_ip, provider_id }).toEqual({ public_ip: '203.0.113.7', provider_id: 'test-provider' });
      expect(advertisement.last_success_at).not.toBeNull();
      expect((await fixture.reports.advertiser.read())?.isFresh).toBe(true);
    },
  );

  it('renews the advertisement after each interval', async () => {
    await fixture.hostIsReady();
    await fixture.start({}, { timing: { intervalMs: 100 } });
    await eventually(() => expect(fixture.stub().accepted.length).toBeGreaterThanOrEqual(4));
  });

  it('calls once, not with every look, while nothing changes', async () => {
    await fixture.hostIsReady();
    const service = await fixture.start();
    await fixture.eventuallyStatus('advertised');
    await fixture.reports.monitor.save(testSample({ usage_percent: { cpu: 50, memory: 50, storage: 50 } }), FRESH_MS);
    await fixture.reserve(VM, { cpu_cores: 1, memory_gb: 1, storage_gb: 10 }, { withEvent: false });
    const calls = ['POST 200', 'GET 200', 'POST 200', 'GET 200'];
    // Stopped before the second look at what is kept, it would not look.
    await eventually(() => expect(fixture.stub().calls).toEqual(calls));
    await fixture.stop(service);
    expect(fixture.stub().calls).toEqual([...calls, 'DELETE 200']);
  });

  it.each([{ withEvent: true }, { withEvent: false }])(
    'offers less as soon as a VM is reserved (with an event: $withEvent)',
    async ({ withEvent }) => {
      await fixture.hostIsReady();
      // With an event nothing depends on the next look, which is far away.
      await fixture.start({}, { timing: { pollMs: withEvent ? 600_000 : 50 } });
      await fixture.eventuallyStatus('advertised');

      await eventually(async () => {
        await fixture.reserve(VM, { cpu_cores: 2, memory_gb: 4, storage_gb: 20 }, { withEvent });
        expect(fixture.advertised()).toMatchObject({ resources: { cpu: 6, memory: 24, storage: 340 } });
      });
    },
  );

  it('offers more again when a VM has given back what it held', async () => {
    await fixture.hostIsReady();
    await fixture.reserve(VM, { cpu_cores: 2, memory_gb: 4, storage_gb: 20 }, { withEvent: false });
    await fixture.start();
    await eventually(() =>
      expect(fixture.advertised()).toMatchObject({ resources: { cpu: 6, memory: 24, storage: 340 } }),
    );

    await fixture.release(VM);

    await eventually(() =>
      expect(fixture.advertised()).toMatchObject({ resources: { cpu: 8, memory: 28, storage: 360 } }),
    );
  });

  it('withdraws when the operator drains the host, and is back afterwards', async () => {
    const drain = createDrainSwitch(fixture.server.client(), fixture.hostId, systemClock);
    await fixture.hostIsReady();
    await fixture.start();
    await fixture.eventuallyStatus('advertised');

    const { since } = await drain.set();

    expect((await fixture.eventuallyStatus('paused')).advertisement.reason).toBe(
      `The operator takes no new VMs since ${since}.`,
    );
    expect(fixture.advertised()).toBeUndefined();
    await drain.clear();
    await fixture.eventuallyStatus('advertised');
  });

  it('withdraws while the worker says that the hypervisor does not answer', async () => {
    await fixture.hostIsReady();
    await fixture.start();
    await fixture.eventuallyStatus('advertised');

    await fixture.reports.worker.save(workerReport({ healthy: false, reason: 'multipassd is down.' }), FRESH_MS);

    expect((await fixture.eventuallyStatus('paused')).advertisement.reason).toBe('multipassd is down.');
    expect(fixture.advertised()).toBeUndefined();
    await fixture.hostIsReady();
    await fixture.eventuallyStatus('advertised');
  });

  it('tells its key, its calls and how old the advertisement is', async () => {
    await fixture.hostIsReady();
    await fixture.start();

    const report = await fixture.eventuallyStatus('advertised');

    expect(createPublicKey(report.public_key ?? '').asymmetricKeyType).toBe('ed25519');
    expect(report).toMatchObject({
      age_seconds: expect.any(Number),
      calls: { succeeded: 1, failed: 0, failed_in_a_row: 0, last_error: null },
    });
  });

  it('withdraws while the host is over a limit, and says why', async () => {
    await fixture.hostIsReady();
    await fixture.start();
    await fixture.eventuallyStatus('advertised');

    await fixture.reports.monitor.save(
      testSample({ breaches: [{ dimension: 'memory', value: 91, limit: 85 }] }),
      FRESH_MS,
    );
    const paused = await fixture.eventuallyStatus('paused');
    expect(paused.advertisement.reason).toBe('The host is over a limit: memory at 91 % (limit 85 %).');
    expect(fixture.advertised()).toBeUndefined();

    await fixture.reports.monitor.save(testSample(), FRESH_MS);
    await fixture.eventuallyStatus('advertised');
    expect(fixture.advertised()).toBeDefined();
  });

  it.each([
    { service: 'monitor', reason: 'The load of the host has not been sampled lately.' },
    { service: 'worker', reason: 'The worker that makes VMs has not reported lately.' },
  ] as const)('withdraws while the report of the $service is stale', async ({ service, reason }) => {
    await fixture.hostIsReady();
    await fixture.start();
    await fixture.eventuallyStatus('advertised');
    await fixture.server.client().del(redisNames(fixture.hostId).reportFresh(service));
    expect((await fixture.eventuallyStatus('paused')).advertisement.reason).toBe(reason);
    expect(fixture.advertised()).toBeUndefined();
  });

  it('removes what a predecessor left when there is nothing to offer', async () => {
    await fixture.hostIsReady();
    await fixture.start();
    await fixture.eventuallyStatus('advertised');
    await fixture.start({ GOLEM_PROVIDER_MAX_VMS: '0' });
    await eventually(() => expect(fixture.stub().calls).toContain('DELETE 200'));
  });

  it('withdraws when it is stopped', async () => {
    await fixture.hostIsReady();
    const service = await fixture.start();
    await fixture.eventuallyStatus('advertised');

    await fixture.stop(service);

    expect(fixture.advertised()).toBeUndefined();
    expect((await fixture.report()).advertisement).toMatchObject({
      status: 'paused',
      reason: 'The advertiser has been stopped.',
    });
  });

  it('stops while a call hangs, and withdraws what that may have left', async () => {
    await fixture.hostIsReady();
    let hanging = 0;
    fixture.stub().misbehave(() => {
      hanging += 1;
    });
    const service = await fixture.start({}, { callDeadlineMs: 60_000 });
    await eventually(() => expect(hanging).toBe(1));
    fixture.stub().misbehave(undefined);
    await fixture.stop(service);
    expect(fixture.stub().calls).toEqual(['DELETE 404']);
  });

  it('keeps one id and one key for good where the settings name none', async () => {
    await fixture.hostIsReady();
    const dataDir = join(fixture.directory.path, 'made', 'at-start');
    const environment = { GOLEM_PROVIDER_ID: '', GOLEM_PROVIDER_DATA_DIR: dataDir };
    await fixture.stop(await fixture.start(environment));
    const id = (await readFile(join(dataDir, 'provider-id'), 'utf8')).trim();
    const key = await readFile(join(dataDir, 'provider-key'), 'utf8');

    await fixture.start(environment);
    await eventually(() => expect([...fixture.stub().advertisements.keys()]).toEqual([id]));
    expect(await readFile(join(dataDir, 'provider-key'), 'utf8')).toBe(key);
  });

  it('withdraws and stops although Redis hangs', async () => {
    await fixture.hostIsReady();
    const service = await fixture.start();
    await fixture.eventuallyStatus('advertised');
    process.kill(fixture.server.pid, 'SIGSTOP');
    try {
      await fixture.stop(service);
      expect(fixture.advertised()).toBeUndefined();
    } finally {
      process.kill(fixture.server.pid, 'SIGCONT');
    }
  });

  it('starts and stops without Redis', async () => {
    const service = await fixture.start({ GOLEM_PROVIDER_REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    await fixture.stop(service);
    expect(fixture.stub().calls).toEqual(['DELETE 404']);
  });
});
