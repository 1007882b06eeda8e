import { once } from 'node:events';
import { connect } from 'node:net';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobAccepted, QUEUE_PREFIX } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer, temporaryDirectory } from '@golem-provider/testing';
import { parseProblem } from './testing/api-client.ts';
import { COUNTS_IN_REDIS, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server);
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

describe('a gateway with other settings', () => {
  const started: GatewayHarness[] = [];
  const stores: RedisServer[] = [];
  const start = async (...parameters: Parameters<typeof startGateway>): Promise<GatewayHarness> => {
    const other = await startGateway(...parameters);
    started.push(other);
    return other;
  };
  afterEach(async () => {
    for (const other of started.splice(0)) await other.stop();
    for (const store of stores.splice(0)) await store.stop();
  });

  it('sends away who asks too often, but not who asks for its health', async () => {
    const other = await start(server, { RATE_LIMIT_PER_MINUTE: 3 }, COUNTS_IN_REDIS);
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await other.api.call('listVms')).status);
    const last = await other.api.get('/api/v1/vms');

    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(parseProblem(last)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(last.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(last.headers['ratelimit']).toMatch(/r=0/);
    expect(last.headers['ratelimit-policy']).toMatch(/q=3; w=60/);
    for (const path of ['/health', '/api/v1/health', '/api/v1/ready']) {
      expect((await other.api.get(path)).status).toBe(200);
    }
  });

  it('turns the waits into jobs when it stops, and closes their connections', async () => {
    const other = await start(server);
    const reply = other.api.call('createVm', { body: { name: 'web' } });
    await eventually(async () => expect(await other.records.listPendingOperations()).toHaveLength(1));
    const idle = connect(other.port, '127.0.0.1');
    await once(idle, 'connect');
    const idleClosed = once(idle, 'close');

    started.splice(0);
    await other.stop();

    const { status, body, headers } = await reply;
    expect(status).toBe(202);
    expect(JobAccepted.parse(body).status).toBe('queued');
    expect(headers['connection']).toBe('close');
    await idleClosed;
  });

  it.each([
    ['', 0],
    [', also where it was held up for longer than it keeps idle ones', 500],
  ])('answers what comes over a connection that is kept while it stops, as the last of it%s', async (_, heldUpMs) => {
    const other = await start(server);
    const kept = connect(other.port, '127.0.0.1');
    let received = '';
    kept.setEncoding('utf8').on('data', (text: string) => (received += text));
    const ask = (): boolean => kept.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    ask();
    await eventually(() => expect(received).toContain('{"status":"ok"}'));
    const first = received;
    const ended = once(kept, 'close');

    started.splice(0);
    // From there Node comes to its timers before it reads anything.
    await setImmediate();
    const stopped = other.stop();
    ask();
    // As on a busy machine, nothing runs in this process meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);
    await Promise.all([stopped, ended]);

    expect(first).toMatch(/^HTTP\/1\.1 200 .*Connection: keep-alive/s);
    expect(received.slice(first.length)).toMatch(/^HTTP\/1\.1 200 .*Connection: close.*\{"status":"ok"\}$/s);
  });

  it('says which port is taken', async () => {
    await expect(start(server, { PORT: gateway.port })).rejects.toMatchObject({
      message: 'starting http server',
      cause: { message: `port ${gateway.port} of 127.0.0.1 is in use by another program` },
    });
  });

  it('answers 503 while Redis is away, is still up, and serves again when Redis is back', async () => {
    const redis = await startRedisServer();
    stores.push(redis);
    const other = await start(redis);
    await other.reset();
    process.kill(redis.pid, 'SIGSTOP');
    try {
      const [list, creation, ready, health] = await Promise.all([
        other.api.problem('listVms'),
        other.api.problem('createVm', { body: { name: 'web' } }),
        other.api.call('getReadiness'),
        other.api.call('getHealth'),
      ]);
      expect(list).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
      expect(creation).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
      expect(ready.status).toBe(503);
      expect(health.status).toBe(200);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    await eventually(async () => expect((await other.api.call('listVms')).status).toBe(200));
    await redis.stop();
    expect(await other.api.problem('listVms')).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
  });

  it('starts while Redis is away, stops then, and serves once Redis is there', async () => {
    const directory = await temporaryDirectory();
    const socket = join(directory.path, 'redis.sock');
    const redis = await startRedisServer();
    try {
      const away = { url: `unix://${socket}`, client: () => redis.client() };
      await (await startGateway(away)).stop();
      const other = await start(away);
      expect((await other.api.call('getHealth')).status).toBe(200);
      expect(await other.api.problem('listVms')).toMatchObject({ code: 'STORE_UNAVAILABLE' });

      await symlink(redis.url.slice('unix://'.length), socket);
      await eventually(async () => expect((await other.api.call('listVms')).status).toBe(200));
      await other.reset();
      const reply = other.api.call('createVm', { body: { name: 'web' } });
      const queued = `${QUEUE_PREFIX}:${other.names.operationQueue}:wait`;
      await eventually(async () => expect(await other.redis.llen(queued)).toBe(1));
      const { id, vm_id } = await other.pendingOperation();
      await other.finishCreation({ job_id: id, vm_id, status: 'queued' });
      expect((await reply).status).toBe(201);
    } finally {
      for (const other of started.splice(0)) await other.stop();
      await redis.stop();
      await directory.dispose();
    }
  });
});
