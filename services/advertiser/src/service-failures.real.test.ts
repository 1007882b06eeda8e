import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, freePort } from '@golem-provider/testing';
import { type AdvertiserFixture, createAdvertiserFixture, testSample } from './testing/advertiser-fixture.ts';
import type { Misbehaviour } from './testing/discovery-stub.ts';

const FRESH_MS = 600_000;
let fixture: AdvertiserFixture;

beforeEach(async () => {
  fixture = await createAdvertiserFixture();
});
afterEach(() => fixture.dispose());

describe('the advertiser, when the discovery service fails', () => {
  it('advertises once the service is there, if it was not at the start', async () => {
    await fixture.hostIsReady();
    const port = await freePort();
    await fixture.start({ GOLEM_PROVIDER_DISCOVERY_URL: `http://127.0.0.1:${port}` });
    const failing = await fixture.eventuallyStatus('failing');
    expect(failing.advertisement).toEqual({
      status: 'failing',
      last_success_at: null,
      reason: 'The discovery service is not reachable (ECONNREFUSED).',
    });
    expect(failing.calls).toMatchObject({ succeeded: 0, last_error: { reason: failing.advertisement.reason } });
    expect(failing.calls.failed).toBeGreaterThan(0);

    await fixture.replaceStub('newer', port);

    await fixture.eventuallyStatus('advertised');
    expect(fixture.advertised()).toBeDefined();
  });

  it.each<[string, Misbehaviour, string]>([
    ['errors', (_, response) => response.writeHead(500).end(), 'The discovery service failed (HTTP 500).'],
    [
      '429',
      (_, response) => response.writeHead(429, { 'Retry-After': '0' }).end(),
      'The discovery service asks to wait (too many requests).',
    ],
    [
      'rubbish',
      (_, response) => response.writeHead(200).end('{'),
      'The discovery service gave an answer that is not understood (HTTP 200).',
    ],
    [
      'redirects',
      (_, response) => response.writeHead(302, { Location: '/' }).end(),
      'The discovery service answered with a redirect (HTTP 302).',
    ],
    ['silence', () => undefined, 'The discovery service did not answer within 1 s.'],
  ])('reports that it fails at %s, and recovers', async (failure, misbehaviour, reason) => {
    await fixture.hostIsReady();
    fixture.stub().misbehave(misbehaviour);
    // What answers is given all the time that it needs.
    await fixture.start({}, failure === 'silence' ? { callDeadlineMs: 1000 } : {});
    expect((await fixture.eventuallyStatus('failing')).advertisement.reason).toBe(reason);

    fixture.stub().misbehave(undefined);

    expect((await fixture.eventuallyStatus('advertised')).advertisement.reason).toBeNull();
  });

  it('notices that a service has died, and is back when the service is, with or without its memory', async () => {
    await fixture.hostIsReady();
    await fixture.start({}, { timing: { lookMs: 50 } });
    const before = await fixture.eventuallyStatus('advertised');
    const { port } = fixture.stub();
    await fixture.stub().stop();
    const failing = await fixture.eventuallyStatus('failing');
    expect(failing.advertisement.last_success_at).toBe(before.advertisement.last_success_at);

    await fixture.replaceStub('newer', port);

    const after = await fixture.eventuallyStatus('advertised');
    expect(fixture.advertised()).toBeDefined();
    expect(after.calls).toMatchObject({ failed_in_a_row: 0, last_error: expect.any(Object) });
  });

  it('advertises again what the service has lost unseen', async () => {
    await fixture.hostIsReady();
    await fixture.start({}, { timing: { lookMs: 50 } });
    await fixture.eventuallyStatus('advertised');

    fixture.stub().forget();

    await eventually(() => expect(fixture.advertised()).toBeDefined());
  });

  it('does not take it for advertised when the service shows something else', async () => {
    await fixture.hostIsReady();
    fixture.stub().misbehave((request, response) => {
      const kept = {
        provider_id: 'test-provider',
        ip_address: '203.0.113.7',
        country: 'SE',
        resources: { cpu: request.method === 'GET' ? 1 : 8, memory: 28, storage: 360 },
        created_at: '',
        updated_at: '',
      };
      response.writeHead(200).end(JSON.stringify(kept));
    });
    await fixture.start();

    expect((await fixture.eventuallyStatus('failing')).advertisement.reason).toBe(
      'The discovery service shows another resources.cpu than was sent.',
    );
    fixture.stub().misbehave(undefined);
    await fixture.eventuallyStatus('advertised');
  });

  it('comes back to a service that says 429 after an interval at most, however long it asks for', async () => {
    await fixture.hostIsReady();
    fixture.stub().misbehave((_, response) => response.writeHead(429, { 'Retry-After': '300' }).end());
    await fixture.start({}, { timing: { intervalMs: 300 } });
    await fixture.eventuallyStatus('failing');
    fixture.stub().misbehave(undefined);
    await fixture.eventuallyStatus('advertised');
  });

  it('keeps away from a service that says 429 and not for how long, whatever changes', async () => {
    await fixture.hostIsReady();
    fixture.stub().misbehave((_, response) => response.writeHead(429).end());
    const service = await fixture.start();
    await fixture.eventuallyStatus('failing');
    fixture.stub().misbehave(undefined);

    const breaches = [{ dimension: 'cpu', value: 97, limit: 90 } as const];
    await fixture.reports.monitor.save(testSample({ breaches }), FRESH_MS);

    expect((await fixture.eventuallyStatus('paused')).advertisement.reason).toBe(
      'The host is over a limit: cpu at 97 % (limit 90 %). ' +
        'The advertisement may still be seen: The discovery service asks to wait (too many requests).',
    );
    await fixture.stop(service);
    expect(fixture.stub().calls).toEqual(['POST 429', 'DELETE 404']);
  });
});
