import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_PREFIX, DrainState, Problem, ProviderResources, Vm } from '@golem-provider/contracts';
import { dataDirectory } from '@golem-provider/service-kit';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import request from 'supertest';
import { z } from 'zod';
import { parseProblem } from './testing/api-client.ts';
import { type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

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
beforeEach(async () => {
  await undrain();
  await gateway.reset();
});

const drain = (): request.Test => request(gateway.baseUrl).post(`${API_PREFIX}/provider/drain`);
const undrain = (): request.Test => request(gateway.baseUrl).post(`${API_PREFIX}/provider/undrain`);

describe('draining', () => {
  it('refuses new VMs, says so, and leaves those that exist', async () => {
    const job = await gateway.accept('before');
    await gateway.finishCreation(job);

    const answer = await drain();

    expect(answer.status).toBe(200);
    expect(DrainState.parse(answer.body).draining).toBe(true);
    const refused = await gateway.api.call('createVm', { body: { name: 'after' } });
    expect(Problem.parse(refused.body)).toMatchObject({ status: 503, code: 'DRAINING' });
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    const { accepting, reasons } = ProviderResources.parse((await gateway.api.call('getProviderResources')).body);
    expect([accepting, reasons.map(({ code }) => code)]).toEqual([false, ['DRAINING']]);
    expect(z.array(Vm).parse((await gateway.api.call('listVms')).body)).toMatchObject([
      { id: job.vm_id, status: 'running' },
    ]);
  });

  it('goes on from when it began when it is asked for again, until it is ended', async () => {
    const first = DrainState.parse((await drain()).body);
    expect(DrainState.parse((await drain()).body)).toEqual(first);

    expect((await undrain()).body).toEqual({ draining: false, since: null });
    expect((await undrain()).status).toBe(200);

    await gateway.accept('again');
    expect((await gateway.api.call('getProviderResources')).body).toMatchObject({ accepting: true, reasons: [] });
  });

  it('is back, as long as before, where Redis has lost it', async () => {
    const { since } = DrainState.parse((await drain()).body);

    await gateway.reset();

    await eventually(async () => {
      expect(await gateway.redis.get(gateway.names.drain)).toBe(JSON.stringify({ since }));
    });
    const refused = await gateway.api.call('createVm', { body: { name: 'after' } });
    expect(Problem.parse(refused.body)).toMatchObject({ code: 'DRAINING' });
  });

  it('is kept by a gateway that was started after an earlier version had set it', async () => {
    const since = '2026-01-01T00:00:00.000Z';
    await gateway.redis.set(gateway.names.drain, JSON.stringify({ since }));

    const kept = dataDirectory(gateway.dataDirectory).drain;
    await eventually(async () => expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual({ since }));
    await undrain();
    await expect(readFile(kept)).rejects.toMatchObject({ code: 'ENOENT' });
    await gateway.accept('again');
  });

  it.each([
    ['X-Forwarded-For', '127.0.0.1'],
    ['Host', 'provider.example.org'],
    ['Origin', 'https://example.org'],
  ])('is for the operator alone: not with %s: %s', async (header, value) => {
    expect(parseProblem(await drain().set(header, value))).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(parseProblem(await undrain().set(header, value))).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });

    await gateway.accept('still');
  });
});
