import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type GatewayHarness, REQUESTOR_KEY, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { MIN_STORAGE_GB: 10 });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());

/** Every key but those that stand for no VM: reports, how much was asked for, and what BullMQ knows of the queue. */
async function writtenKeys(): Promise<string[]> {
  const keys = await gateway.redis.keys('*');
  return keys.filter((key) => !/:(?:report|rate):/.test(key) && !key.endsWith(':meta')).sort();
}

describe('a wish that is refused', () => {
  const name = 'web';

  it.each<[string, unknown, string[]]>([
    ['has no name', { size: 'small' }, ['/name']],
    ['has a name with capitals', { name: 'Web' }, ['/name']],
    ['has a name that is an option', { name: '--help' }, ['/name']],
    ['has a name that is too long', { name: 'a'.repeat(65) }, ['/name']],
    ['has a name of another type', { name: 7 }, ['/name']],
    ['asks for no core', { name, cpu_cores: 0 }, ['/cpu_cores']],
    ['asks for half a core', { name, cpu_cores: 1.5 }, ['/cpu_cores']],
    ['asks for cores in words', { name, cpu_cores: '2' }, ['/cpu_cores']],
    ['asks for less than the smallest VM', { name, storage_gb: 5 }, ['/storage_gb']],
    ['asks for less in the nested form', { name, resources: { storage: 5 } }, ['/resources/storage']],
    ['asks for a size and numbers', { name, size: 'small', cpu_cores: 2 }, ['/size']],
    ['asks for an unknown size', { name, size: 'huge' }, ['/size']],
    ['names a file as its image', { name, image: 'file:///etc/shadow' }, ['/image']],
    ['names an option as its image', { name, image: '--help' }, ['/image']],
    ['names a path as its image', { name, image: '../../etc/passwd' }, ['/image']],
    ['sends a key with a line break', { name, ssh_key: `${REQUESTOR_KEY}\ncommand="id" x` }, ['/ssh_key']],
    ['sends a key that is none', { name, ssh_key: 'ssh-ed25519 AAAA' }, ['/ssh_key']],
    ['has an unknown field', { name, cloud_init: '#cloud-config' }, ['/cloud_init']],
    ['has unknown fields with slashes', { name, 'a/b~c': 1 }, ['/a~1b~0c']],
    ['has an unknown nested field', { name, resources: { gpu: 1 } }, ['/resources/gpu']],
    ['has several faults', { cpu_cores: 0, memory_gb: 'x', nope: 1 }, ['/name', '/cpu_cores', '/memory_gb', '/nope']],
    ['is a list', [], ['']],
    ['is a text', '"web"', ['']],
    ['is null', 'null', ['']],
  ])('names the field of a body that %s, and nothing is written', async (_, body, pointers) => {
    const problem = await gateway.api.problem('createVm', { body });

    expect(problem).toMatchObject({ status: 422, code: 'INVALID_REQUEST', instance: '/api/v1/vms' });
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort());
    expect(await writtenKeys()).toEqual([]);
  });

  it('says of a missing name that it is required', async () => {
    expect((await gateway.api.problem('createVm', { body: {} })).errors).toEqual([
      { pointer: '/name', detail: 'is required' },
    ]);
  });

  it('knows the images of the catalogue only', async () => {
    const problem = await gateway.api.problem('createVm', { body: { name, image: 'ubuntu:3.1' } });

    expect(problem).toMatchObject({ status: 422, code: 'IMAGE_UNKNOWN', errors: [{ pointer: '/image' }] });
    expect(await writtenKeys()).toEqual([]);
  });

  it.each<[string, string, number, string, Record<string, string>]>([
    ['that is cut off', '{"name": "web"', 400, 'MALFORMED_JSON', {}],
    ['that is empty', '', 400, 'MALFORMED_JSON', {}],
    ['that is no JSON', 'name=web', 400, 'MALFORMED_JSON', {}],
    ['of another type', 'name: web', 415, 'UNSUPPORTED_MEDIA_TYPE', { 'Content-Type': 'application/yaml' }],
    ['in another encoding', '{}', 415, 'UNSUPPORTED_MEDIA_TYPE', { 'Content-Encoding': 'gzip' }],
    ['in another charset', '{}', 415, 'UNSUPPORTED_MEDIA_TYPE', { 'Content-Type': 'application/json; charset=latin1' }],
    ['over 64 KiB', JSON.stringify({ name, x: 'y'.repeat(65_536) }), 413, 'BODY_TOO_LARGE', {}],
  ])('refuses a body %s', async (_, body, status, code, headers) => {
    expect(await gateway.api.problem('createVm', { body, headers })).toMatchObject({ status, code });
    expect(await writtenKeys()).toEqual([]);
  });

  it('refuses a request without a body', async () => {
    expect(await gateway.api.problem('createVm')).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
  });

  it.each<['createVm' | 'listVms', Record<string, string>, string]>([
    ['createVm', { async: 'perhaps' }, 'async'],
    ['listVms', { limit: '0' }, 'limit'],
    ['listVms', { limit: 'ten' }, 'limit'],
    ['listVms', { status: 'asleep' }, 'status'],
    ['listVms', { cursor: 'nonsense' }, 'cursor'],
  ])('%s names the query parameter of %j', async (route, query, pointer) => {
    const input = route === 'createVm' ? { query, body: { name } } : { query };

    const problem = await gateway.api.problem(route, input);

    expect(problem).toMatchObject({ status: 422, code: 'INVALID_REQUEST' });
    expect(problem.errors?.map((entry) => entry.pointer)).toEqual([pointer]);
    expect(await writtenKeys()).toEqual([]);
  });
});

describe('a path that leads nowhere', () => {
  it.each([
    ['getVm', { id: 'golem-none-20260101-120000' }, 'VM_NOT_FOUND'],
    ['getVm', { id: 'nonsense' }, 'VM_NOT_FOUND'],
    ['getVm', { id: '..%2f..%2fetc' }, 'VM_NOT_FOUND'],
    ['getVm', { id: '%ff' }, 'NOT_FOUND'],
    ['getVmAccess', { id: 'golem-none-20260101-120000' }, 'VM_NOT_FOUND'],
    ['deleteVm', { id: 'golem-none-20260101-120000' }, 'VM_NOT_FOUND'],
    ['getJob', { job_id: 'op-00000000-0000-0000-0000-000000000000' }, 'JOB_NOT_FOUND'],
    ['getJob', { job_id: '7' }, 'JOB_NOT_FOUND'],
  ] as const)('%s answers 404 for %j', async (route, params, code) => {
    expect(await gateway.api.problem(route, { params })).toMatchObject({ status: 404, code });
  });

  it.each(['/', '/api/v1', '/api/v1/nope', '/api/v2/vms', '/vms', '/metrics.php'])('%s answers 404', async (path) => {
    const response = await gateway.api.get(path);

    expect(response.status).toBe(404);
    expect(response.type).toBe('application/problem+json');
    expect(JSON.parse(response.text)).toMatchObject({
      code: 'NOT_FOUND',
      type: 'urn:golem-provider:error:not-found',
      instance: path,
    });
  });
});
