import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { HostId, type Job, newOperation, OperationId, toJob, VmId } from '@golem-provider/contracts';
import { freePort } from '@golem-provider/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from '../exit-codes.ts';
import { createProviderApi, describeProblem, type ProviderApi } from './provider-api.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const PROBLEM = {
  type: 'about:blank',
  title: 'Not enough free resources',
  status: 503,
  detail: '8 cores were asked for, 2 are free.',
  instance: '/api/v1/vms',
  code: 'RESOURCES_EXHAUSTED',
} as const;
const JOB: Job = toJob(
  newOperation(
    {
      id: OperationId.parse(`op-${'0'.repeat(36)}`),
      host_id: HostId.parse('test-host'),
      vm_id: ID,
      kind: 'create',
      generation: 1,
      request_id: null,
    },
    '2026-01-01T00:00:00.000Z',
  ),
);

describe('createProviderApi', () => {
  const servers: Server[] = [];
  const { signal } = new AbortController();

  afterEach(() => {
    closeAll();
  });
  const closeAll = (): void => {
    for (let server = servers.pop(); server !== undefined; server = servers.pop()) {
      server.closeAllConnections();
      server.close();
    }
  };
  const apiOf = async (
    answer: (path: string, token: string | undefined, response: ServerResponse) => void,
  ): Promise<ProviderApi> => {
    const server = createServer((request, response) =>
      answer(request.url ?? '', request.headers.authorization, response),
    );
    servers.push(server);
    const port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return createProviderApi({ baseUrl: `http://127.0.0.1:${port}`, token: 'secret', signal });
  };
  const answering = (status: number, body: unknown): Promise<ProviderApi> =>
    apiOf((_path, _token, response) => response.writeHead(status).end(JSON.stringify(body)));

  it.each([
    [401, EXIT_CODES.notAllowed],
    [403, EXIT_CODES.notAllowed],
    [404, EXIT_CODES.notFound],
    [409, EXIT_CODES.refused],
    [422, EXIT_CODES.refused],
    [429, EXIT_CODES.tryLater],
    [500, EXIT_CODES.defect],
    [502, EXIT_CODES.failed],
    [503, EXIT_CODES.tryLater],
  ])('tells a refusal with status %d by an exit code of its own', async (status, exitCode) => {
    const api = await answering(status, { ...PROBLEM, status });
    await expect(api.getVm(ID)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(PROBLEM.detail) });
  });
  it('says that nobody answers', async () => {
    const api = await answering(200, []);
    closeAll();
    await expect(api.listVms()).rejects.toMatchObject({ exitCode: EXIT_CODES.unavailable });
  });
  it('says that whoever answers is no provider, or one of another version', async () => {
    await expect((await answering(200, { vms: 1 })).listVms()).rejects.toThrow('another version');
    const page = await apiOf((_path, _token, response) => response.end('<html>'));
    await expect(page.listVms()).rejects.toThrow('not that of a provider');
  });
  it('drains and ends that, as it is told', async () => {
    const seen: string[] = [];
    const api = await apiOf((path, _token, response) => {
      seen.push(path);
      response.end(JSON.stringify({ draining: path.endsWith('/drain'), since: null }));
    });
    expect([(await api.setDrain(true)).draining, (await api.setDrain(false)).draining]).toEqual([true, false]);
    expect(seen).toEqual(['/api/v1/provider/drain', '/api/v1/provider/undrain']);
  });
  it('lists as many jobs as are wanted, over as many pages as there are, at the address that it knows', async () => {
    const seen: string[] = [];
    const api = await apiOf((path, _token, response) => {
      seen.push(path);
      const { searchParams } = new URL(path, 'http://localhost');
      const page = Number(searchParams.get('cursor') ?? '0') + 1;
      if (page < 3) response.setHeader('Link', `<http://elsewhere.example/jobs?limit=1&cursor=${page}>; rel="next"`);
      response.end(JSON.stringify(Array.from({ length: Math.min(Number(searchParams.get('limit')), 600) }, () => JOB)));
    });

    const all = await api.listJobs({ limit: 5000 });
    expect([all.jobs.length, all.hasMore]).toEqual([1800, false]);
    const some = await api.listJobs({ limit: 1100, vm_id: ID });
    expect([some.jobs.length, some.hasMore]).toEqual([1100, true]);
    expect(seen).toEqual([
      '/api/v1/vms/jobs?limit=1000',
      '/api/v1/vms/jobs?limit=1000&cursor=1',
      '/api/v1/vms/jobs?limit=1000&cursor=2',
      `/api/v1/vms/jobs?vm_id=${ID}&limit=1000`,
      `/api/v1/vms/jobs?vm_id=${ID}&limit=500&cursor=1`,
    ]);
  });
  it('asks for changes as jobs, and sends its token', async () => {
    const seen: string[] = [];
    const api = await apiOf((path, token, response) => {
      seen.push(`${path} ${token ?? ''}`);
      response.writeHead(204).end();
    });
    expect(await api.deleteVm(ID)).toBeUndefined();
    expect(seen).toEqual([`/api/v1/vms/${ID}?async=true Bearer secret`]);
  });
});

describe('describeProblem', () => {
  it('names each wrong field and what to do', () => {
    const text = describeProblem({ ...PROBLEM, errors: [{ pointer: '/name', detail: 'is too short' }] });
    expect(text.split('\n')).toEqual([
      'Not enough free resources: 8 cores were asked for, 2 are free.',
      '  /name: is too short',
      expect.stringContaining('(RESOURCES_EXHAUSTED)'),
    ]);
  });
});
