import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { VmId } from '@golem-provider/contracts';
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
