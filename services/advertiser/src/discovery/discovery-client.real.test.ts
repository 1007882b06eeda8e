import { generateKeyPairSync, verify } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CountryCode } from '@golem-provider/contracts';
import { freePort, temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import type { Advertisement } from '../advertisement.ts';
import {
  type DiscoveryStub,
  type Generation,
  type Misbehaviour,
  startDiscoveryStub,
} from '../testing/discovery-stub.ts';
import { sendRequest } from './bounded-request.ts';
import { createDiscoveryClient, type DiscoveryClient } from './discovery-client.ts';
import { loadProviderKey, type ProviderKey } from './provider-key.ts';

const AD: Advertisement = {
  ip_address: '203.0.113.7',
  country: CountryCode.parse('SE'),
  resources: { cpu: 4, memory: 8, storage: 80 },
  platform: 'x86_64',
};
const forever = new AbortController().signal;

let directory: TemporaryDirectory;
let key: ProviderKey;
let stub: DiscoveryStub;

beforeEach(async () => {
  directory = await temporaryDirectory();
  key = await loadProviderKey(join(directory.path, 'provider-key'));
  stub = await startDiscoveryStub('newer');
});
afterEach(async () => {
  await stub.stop();
  await directory.dispose();
});

function client(url: string, deadlineMs = 5000): DiscoveryClient {
  return createDiscoveryClient({ url, providerId: 'provider:1', key, send: sendRequest, deadlineMs });
}

describe('the discovery client', () => {
  it.each<Generation>(['older', 'newer'])(
    'advertises, replaces and withdraws with the %s generation',
    async (generation) => {
      const service = await startDiscoveryStub(generation);
      const discovery = client(service.url);
      try {
        expect(await discovery.advertise(AD, forever)).toBeUndefined();
        const less = { ...AD, resources: { ...AD.resources, storage: 70 } };
        expect(await discovery.advertise(less, forever)).toBeUndefined();
        expect(service.advertisements.get('provider:1')).toMatchObject({ country: 'SE', resources: less.resources });
        expect(await discovery.withdraw(forever)).toBeUndefined();
        expect(service.advertisements.size).toBe(0);
      } finally {
        await service.stop();
      }
    },
  );

  it.each<Generation>(['older', 'newer'])(
    'looks whether it is shown as it was sent by the %s one',
    async (generation) => {
      const service = await startDiscoveryStub(generation);
      const discovery = client(service.url);
      try {
        expect(await discovery.look(AD, forever)).toEqual({
          kind: 'deviation',
          reason: 'The discovery service does not show the advertisement.',
        });
        await discovery.advertise(AD, forever);
        expect(await discovery.look(AD, forever)).toEqual({ kind: 'shown' });
        const other = { ...AD, ip_address: '203.0.113.8', resources: { ...AD.resources, memory: 7 } };
        expect(await discovery.look(other, forever)).toEqual({
          kind: 'deviation',
          reason: 'The discovery service shows another ip_address, resources.memory than was sent.',
        });
      } finally {
        await service.stop();
      }
    },
  );

  it('does not take the 404 of another server for a lost advertisement', async () => {
    expect(await client(`${stub.url}/elsewhere`).look(AD, forever)).toMatchObject({
      kind: 'failure',
      failure: { reason: 'The discovery service refused (HTTP 404).' },
    });
  });

  it('signs a withdrawal too', async () => {
    const signatures: unknown[] = [];
    stub.misbehave(({ headers }, response) => {
      signatures.push(headers['x-provider-signature']);
      response.writeHead(200).end('{"status":"success"}');
    });
    await client(stub.url).withdraw(forever);
    const signature = Buffer.from(String(signatures[0]), 'base64');
    expect(verify(null, Buffer.from('{"provider_id":"provider:1"}'), key.publicPem, signature)).toBe(true);
  });

  it('takes an advertisement that is not there for withdrawn', async () => {
    expect(await client(stub.url).withdraw(forever)).toBeUndefined();
    expect(stub.calls).toEqual(['DELETE 404']);
  });

  it('does not take the 404 of another server for a withdrawal', async () => {
    expect((await client(`${stub.url}/elsewhere`).withdraw(forever))?.reason).toBe(
      'The discovery service refused (HTTP 404).',
    );
  });

  it('signs exactly what it sends, with the key of the provider', async () => {
    await client(stub.url).advertise(AD, forever);
    const [{ body, signature } = { body: '', signature: '' }] = stub.accepted;
    expect(JSON.parse(body)).toEqual(AD);
    expect(verify(null, Buffer.from(body), key.publicPem, Buffer.from(signature, 'base64'))).toBe(true);
    const another = generateKeyPairSync('ed25519').publicKey;
    expect(verify(null, Buffer.from(body), another, Buffer.from(signature, 'base64'))).toBe(false);
  });

  it('works with an address that ends with a slash', async () => {
    expect(await client(`${stub.url}/`).advertise(AD, forever)).toBeUndefined();
  });

  it.each<[string, Misbehaviour, string]>([
    ['500', (_, response) => response.writeHead(500).end('<html>oops</html>'), 'failed (HTTP 500)'],
    ['429', (_, response) => response.writeHead(429).end('{"code": "RATE_001"}'), 'asks to wait (too many requests)'],
    [
      'rubbish',
      (_, response) => response.writeHead(200).end('rubbish'),
      'gave an answer that is not understood (HTTP 200)',
    ],
    [
      'JSON of another kind',
      (_, response) => response.writeHead(200).end('{"status": "success"}'),
      'gave an answer that is not understood (HTTP 200)',
    ],
    [
      'an empty answer',
      (_, response) => response.writeHead(200).end(),
      'gave an answer that is not understood (HTTP 200)',
    ],
    ['too much', (_, response) => response.writeHead(200).end('x'.repeat(100_000)), 'gave an answer that is too long'],
    [
      'a redirect',
      (_, response) => response.writeHead(307, { Location: '/api/v1/advertisements' }).end(),
      'answered with a redirect (HTTP 307)',
    ],
    ['a cut connection', (_, response) => response.destroy(), 'is not reachable (ECONNRESET)'],
  ])('says what is wrong when it gets %s', async (_, misbehaviour, words) => {
    stub.misbehave(misbehaviour);
    expect((await client(stub.url).advertise(AD, forever))?.reason).toBe(`The discovery service ${words}.`);
    expect(stub.advertisements.size).toBe(0);
  });

  it('does not wait for an answer that does not come, nor for one that comes drop by drop', async () => {
    const discovery = client(stub.url, 200);
    stub.misbehave(() => undefined);
    expect((await discovery.advertise(AD, forever))?.reason).toBe('The discovery service did not answer within 0.2 s.');

    stub.misbehave((_, response) => {
      response.writeHead(200);
      const drops = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drops));
    });
    expect((await discovery.advertise(AD, forever))?.reason).toBe('The discovery service did not answer within 0.2 s.');
  });

  it('says so when nobody listens', async () => {
    const discovery = client(`http://127.0.0.1:${await freePort()}`);
    expect((await discovery.advertise(AD, forever))?.reason).toBe(
      'The discovery service is not reachable (ECONNREFUSED).',
    );
  });

  it('ends with the reason of the caller when he aborts', async () => {
    stub.misbehave(() => undefined);
    const controller = new AbortController();
    const call = client(stub.url).advertise(AD, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
  });
});
