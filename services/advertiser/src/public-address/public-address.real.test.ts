import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@golem-provider/service-kit';
import { eventually, freePort, temporaryDirectory } from '@golem-provider/testing';
import { sendRequest } from '../discovery/bounded-request.ts';
import { createAddressCache } from './address-cache.ts';
import { ownAddress } from './address-vote.ts';
import { createPublicAddress, type PublicAddress } from './public-address.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A service that answers with what the function says now; undefined: not at all. */
async function startService(answer: () => string | undefined): Promise<string> {
  const server: Server = createServer((_, response) => {
    const text = answer();
    if (text !== undefined) response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address: AddressInfo | string | null = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}

async function cacheFile(): Promise<string> {
  const directory = await temporaryDirectory();
  cleanups.push(() => directory.dispose());
  return join(directory.path, 'public-address');
}

async function start(services: readonly string[], setting = 'auto', file?: string): Promise<PublicAddress> {
  const address = createPublicAddress({
    setting,
    services,
    send: sendRequest,
    cache: createAddressCache(file ?? (await cacheFile()), logger),
    logger,
    refreshMs: 20,
    retryMs: 20,
  });
  await address.start();
  cleanups.push(() => address.stop());
  return address;
}

describe('the public address', () => {
  it('is the one of the settings at once, nobody being asked', async () => {
    expect((await start([], '198.51.100.4')).current()).toEqual({ address: '198.51.100.4', origin: 'configured' });
  });

  it('is the one that two services agree on, and follows them', async () => {
    let seen = '203.0.113.7';
    const services = [
      await startService(() => `${seen}\n`),
      await startService(() => seen),
      await startService(() => '198.51.100.1'),
    ];
    const address = await start(services);
    expect(address.current()).toBeNull();
    await eventually(() => expect(address.current()?.address).toBe('203.0.113.7'));
    seen = '203.0.113.8';
    await eventually(() => expect(address.current()?.address).toBe('203.0.113.8'));
  });

  it('stays as it was last seen when the services fail', async () => {
    let seen = '203.0.113.7';
    let asked = 0;
    const service = await startService(() => {
      asked += 1;
      return seen;
    });
    const address = await start([service]);
    await eventually(() => expect(address.current()?.address).toBe('203.0.113.7'));
    seen = '<html>please log in</html>';
    const before = asked;
    await eventually(() => expect(asked).toBeGreaterThan(before + 3));
    expect(address.current()?.address).toBe('203.0.113.7');
  });

  it("is the machine's own where no service can be reached, until one can", async () => {
    let seen = 'nothing yet';
    const services = [`http://127.0.0.1:${await freePort()}/`, await startService(() => seen)];
    const address = await start(services);
    await eventually(() =>
      expect(address.current()).toEqual({ address: ownAddress(networkInterfaces()), origin: 'own' }),
    );
    seen = '203.0.113.7';
    await eventually(() => expect(address.current()?.address).toBe('203.0.113.7'));
  });

  it('is the one that an earlier start found while nobody can be asked', async () => {
    const file = await cacheFile();
    const seen = [await startService(() => '203.0.113.7'), await startService(() => '203.0.113.7')];
    const before = await start(seen, 'auto', file);
    await eventually(() => expect(before.current()?.address).toBe('203.0.113.7'));

    const after = await start([`http://127.0.0.1:${await freePort()}/`], 'auto', file);

    await eventually(() => expect(after.current()).toEqual({ address: '203.0.113.7', origin: 'detected' }));
  });

  it('starts where what is kept from before is rubbish', async () => {
    const file = await cacheFile();
    await writeFile(file, '<html>');
    const address = await start([await startService(() => '203.0.113.7')], 'auto', file);
    await eventually(() => expect(address.current()?.address).toBe('203.0.113.7'));
  });

  it('is not changed by what one service says once against all that was known', async () => {
    let alone: string | undefined = '198.51.100.1';
    let asked = 0;
    const file = await cacheFile();
    await writeFile(file, '203.0.113.7');
    const service = await startService(() => {
      asked += 1;
      const said = alone;
      alone = asked === 1 ? 'nothing' : alone;
      return said;
    });
    const address = await start([service], 'auto', file);
    await eventually(() => expect(asked).toBeGreaterThan(2));
    expect(address.current()?.address).toBe('203.0.113.7');

    alone = '198.51.100.1';

    await eventually(() => expect(address.current()?.address).toBe('198.51.100.1'));
  });

  it('does not keep a stop waiting for a service that does not answer', async () => {
    const address = await start([await startService(() => undefined)]);
    await expect(address.stop()).resolves.toBeUndefined();
    cleanups.pop();
  });
});
