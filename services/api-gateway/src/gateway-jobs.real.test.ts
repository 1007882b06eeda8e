import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Job, JobAccepted, Problem } from '@golem-provider/contracts';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { z } from 'zod';
import { acceptOwned, bearer } from './testing/elsewhere.ts';
import { failure, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { HOST: '0.0.0.0' });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

async function list(query: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Job[]> {
  return z.array(Job).parse((await gateway.api.call('listJobs', { query, headers })).body);
}

describe('the list of jobs', () => {
  it('is empty before anything was asked for', async () => {
    expect(await list()).toEqual([]);
  });

  it('shows the newest first, as each shows itself, and keeps those of VMs that are gone', async () => {
    const created = await gateway.accept('web');
    await gateway.finishCreation(created);
    const deletion = { params: { id: created.vm_id }, query: { async: 'true' } };
    const deleted = JobAccepted.parse((await gateway.api.call('deleteVm', deletion)).body);
    await gateway.finishDeletion(deleted.job_id, deleted.vm_id);

    const jobs = await list();

    expect(jobs.map(({ operation, status }) => [operation, status])).toEqual([
      ['delete', 'completed'],
      ['create', 'ready'],
    ]);
    expect(jobs[0]).toEqual((await gateway.api.call('getJob', { params: { job_id: deleted.job_id } })).body);
  });

  it('can be narrowed by status, by VM and in number', async () => {
    const first = await gateway.accept('first');
    const second = await gateway.accept('second');
    await gateway.finishCreation(first);
    await gateway.fail(second.job_id, second.vm_id, failure('PROXY_FAILED', 'no'));
    const third = await gateway.accept('third');

    const ids = async (query: Record<string, string>): Promise<string[]> =>
      (await list(query)).map(({ vm_id }) => vm_id);
    expect(await ids({ status: 'ready' })).toEqual([first.vm_id]);
    expect(await ids({ status: 'completed' })).toEqual([]);
    expect(await ids({ status: 'failed' })).toEqual([second.vm_id]);
    expect(await ids({ vm_id: third.vm_id })).toEqual([third.vm_id]);
    expect(await ids({ limit: '2' })).toEqual([third.vm_id, second.vm_id]);
  });

  it('comes in pages that show every job once, also those of one moment, while new ones are made', async () => {
    const wanted: string[] = [];
    for (const name of ['first', 'second', 'third']) wanted.unshift((await gateway.accept(name)).job_id);
    const other = await gateway.accept('other');
    await gateway.fail(other.job_id, other.vm_id, failure('PROXY_FAILED', 'no'));

    const seen: string[] = [];
    let query: Record<string, string> | undefined = { status: 'queued', limit: '1' };
    while (query !== undefined) {
      const { body, headers } = await gateway.api.call('listJobs', { query });
      seen.push(
        ...z
          .array(Job)
          .parse(body)
          .map(({ job_id }) => job_id),
      );
      const link: string | undefined = /^<(.*)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
      query = link === undefined ? undefined : Object.fromEntries(new URL(link, 'http://localhost').searchParams);
      if (seen.length === 1) await gateway.accept('later');
    }

    expect(seen).toEqual(wanted);
  });

  it.each([{ status: 'done' }, { vm_id: 'web' }, { limit: '0' }, { limit: '1001' }, { cursor: 'x' }])(
    'refuses %j',
    async (query) => {
      const { status, body } = await gateway.api.call('listJobs', { query });
      expect([status, Problem.parse(body).errors?.[0]?.pointer]).toEqual([422, Object.keys(query)[0]]);
    },
  );

  it('shows an owner its own', async () => {
    const mine = await acceptOwned(gateway, 'mine');
    await acceptOwned(gateway, 'other');
    await gateway.accept('the-hosts');

    expect((await list({}, bearer(mine.token))).map(({ job_id }) => job_id)).toEqual([mine.job_id]);
    expect(await list()).toHaveLength(3);
  });
});
