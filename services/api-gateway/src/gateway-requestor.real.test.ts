import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Settings } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { ELSEWHERE } from './testing/elsewhere.ts';
import { REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';
import { playWorker } from './testing/scripted-worker.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());

// What requestors of the original provider read of the answers, and nothing else.
const VmAnswer = z.object({ id: z.string(), status: z.string(), resources: z.object({ cpu: z.number() }) });
const AccessAnswer = z.object({ ssh_host: z.string(), ssh_port: z.number() });
const WISH = { name: 'web', resources: { cpu: 2, memory: 4, storage: 20 }, ssh_key: REQUESTOR_KEY };

describe('a requestor that knows neither tokens nor what is new', () => {
  it.each<[Settings['AUTH'], string, Record<string, string>]>([
    ['host', 'the host itself', {}],
    ['open', 'anywhere', ELSEWHERE],
  ])('rents a VM of a provider whose AUTH is %s from %s', async (AUTH, _, from) => {
    const gateway = await startGateway(server, { AUTH });
    const worker = playWorker(gateway);
    try {
      await gateway.reset();
      const call = async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
        const response = await fetch(`${gateway.baseUrl}/api/v1${path}`, {
          method,
          headers: { ...from, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return [response.status, text === '' ? undefined : JSON.parse(text)];
      };
      const pollUntil = (id: string, status: string): Promise<void> =>
        eventually(async () => {
          const [, vm] = await call('GET', `/vms/${id}`);
          expect(VmAnswer.parse(vm).status).toBe(status);
        });

      const [created, vm] = await call('POST', '/vms', WISH);
      const { id, resources } = VmAnswer.parse(vm);
      expect([created, resources.cpu]).toEqual([201, 2]);
      await pollUntil(id, 'running');
      const [, access] = await call('GET', `/vms/${id}/access`);
      expect(AccessAnswer.parse(access).ssh_port).toBeGreaterThan(0);
      expect((await call('POST', `/vms/${id}/stop`))[0]).toBe(200);
      await pollUntil(id, 'stopped');
      expect((await call('POST', `/vms/${id}/start`))[0]).toBe(200);
      await pollUntil(id, 'running');
      expect((await call('DELETE', `/vms/${id}`))[0]).toBe(204);
      expect((await call('GET', `/vms/${id}`))[0]).toBe(404);

      const [accepted, job] = await call('POST', '/vms?async=true', WISH);
      const { vm_id, job_id } = z.object({ vm_id: z.string(), job_id: z.string() }).parse(job);
      expect(accepted).toBe(202);
      await pollUntil(vm_id, 'running');
      expect((await call('GET', `/vms/jobs/${job_id}`))[1]).toMatchObject({ status: 'ready' });
      expect((await call('DELETE', `/vms/${vm_id}`))[0]).toBe(204);
    } finally {
      await Promise.all([worker.stop(), gateway.stop()]);
    }
  });
});
