import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseSettings } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { eventually, freePort, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createToyNode, type ToyNode } from '../testing/toy-node.ts';
import { claim } from './claim.ts';
import { developmentDiscovery, providerServices } from './services.ts';
import { createSupervisor } from './supervisor.ts';

const SERVICES = ['api-gateway', 'advertiser', 'monitor', 'vm-worker'];
const logger = createLogger({ name: 'test', level: 'silent', pretty: false });

describe('the discovery service for development', () => {
  let node: ToyNode;
  let redis: RedisServer;
  beforeEach(async () => {
    node = await createToyNode(process.env['PATH']);
    redis = await startRedisServer();
  });
  afterEach(async () => {
    await node.dispose();
    await redis.stop();
  }, 60_000);

  /** Runs a supervisor until the banner is there and these services have started, then stops it; gives back the banner. */
  async function runOnce(discoveryUrl: string, services: readonly string[] = SERVICES): Promise<string> {
    const environment = {
      PATH: process.env['PATH'],
      GOLEM_PROVIDER_DATA_DIR: node.dataDirectory,
      GOLEM_PROVIDER_HOST: '127.0.0.1',
      GOLEM_PROVIDER_PORT: String(node.port),
      GOLEM_PROVIDER_REDIS_URL: redis.url,
      GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl,
    };
    const result = parseSettings(environment);
    if (!result.ok) throw new Error(result.problems.join());
    await mkdir(node.dataDirectory, { recursive: true });
    const held = claim(join(node.dataDirectory, 'supervisor.json'), 'start');
    const stopping = new AbortController();
    let printed = '';
    const supervisor = createSupervisor({
      settings: result.settings,
      services: providerServices(node.root),
      developmentDiscovery: developmentDiscovery(node.root),
      claim: held,
      environment,
      cwd: node.root,
      logger,
      onLine: () => undefined,
      print: (text) => (printed += text),
    });
    const ended = supervisor.run(stopping.signal);
    try {
      await eventually(() => {
        expect(printed).toContain('The provider is ready.');
        // The API may answer before they all have begun, and who is ended before tells nothing of it.
        expect(node.events()).toEqual(expect.arrayContaining(services.map((name) => `${name} started`)));
      }, 30_000);
    } finally {
      stopping.abort(new Error('the test has seen enough'));
      await ended.finally(() => held.release());
    }
    expect(await ended).toBe(0);
    return printed;
  }

  it('is started where nobody is found, shown, and stopped after those who use it', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;

    expect(await runOnce(url, [...SERVICES, 'discovery'])).toContain(`Discovery (development)  ${url}\n`);

    expect(node.events().filter((event) => event === 'discovery started')).toHaveLength(1);
    expect(node.events().at(-1)).toBe('discovery stopped');
  });

  it('is not started where a service answers', async () => {
    const other = createServer();
    const port = await freePort();
    other.listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      expect(await runOnce(`http://127.0.0.1:${port}`)).toContain(`Discovery    http://127.0.0.1:${port}\n`);
      expect(node.events()).not.toContain('discovery started');
    } finally {
      other.close();
    }
  });
});
