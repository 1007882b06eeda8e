import { describe, expect, it } from '@jest/globals';
import { CreateVmRequest, requestedSpec, ResizeVmRequest } from './vm-request.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const MINIMUM = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };

describe('CreateVmRequest', () => {
  it.each([
    ['a size', { name: 'web', size: 'medium' }, { cpu_cores: 2, memory_gb: 4, storage_gb: 20 }],
    [
      'flat numbers',
      { name: 'web', cpu_cores: 3, memory_gb: 5, storage_gb: 30 },
      { cpu_cores: 3, memory_gb: 5, storage_gb: 30 },
    ],
    [
      'numbers as the original requestor sends them',
      { name: 'web', resources: { cpu: 2, memory: 4, storage: 20 }, ssh_key: KEY },
      { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
    ],
    ['nothing but a name', { name: 'web' }, MINIMUM],
    ['some of the numbers', { name: 'web', memory_gb: 8 }, { cpu_cores: 1, memory_gb: 8, storage_gb: 10 }],
    ['the stream id of today', { name: 'web', stream_id: 42 }, MINIMUM],
  ])('takes %s', (_, body, spec) => {
    expect(requestedSpec(CreateVmRequest.parse(body), MINIMUM)).toEqual(spec);
  });

  it.each([
    ['no name', {}, 'name'],
    ['a short name', { name: 'ab' }, 'name'],
    ['a name with capitals', { name: 'Web' }, 'name'],
    ['a name that begins with a hyphen', { name: '-web' }, 'name'],
    ['a name that ends with a hyphen', { name: 'web-' }, 'name'],
    ['two hyphens in a row', { name: 'w--b' }, 'name'],
    ['a name with a line break', { name: 'web\n' }, 'name'],
    ['a name of 65 characters', { name: 'a'.repeat(65) }, 'name'],
    ['no cores', { name: 'web', cpu_cores: 0 }, 'cpu_cores'],
    ['part of a core', { name: 'web', cpu_cores: 1.5 }, 'cpu_cores'],
    ['cores as text', { name: 'web', cpu_cores: '1' }, 'cpu_cores'],
    ['an unknown size', { name: 'web', size: 'tiny' }, 'size'],
    ['a size beside numbers', { name: 'web', size: 'small', cpu_cores: 1 }, 'size'],
    ['a size beside resources', { name: 'web', size: 'small', resources: {} }, 'size'],
    ['numbers in both forms', { name: 'web', cpu_cores: 1, resources: { cpu: 1 } }, 'resources'],
    ['an image that is a file', { name: 'web', image: 'file:///etc/shadow' }, 'image'],
    ['an image that is an option', { name: 'web', image: '--help' }, 'image'],
    ['an image that climbs', { name: 'web', image: '../../etc' }, 'image'],
    ['a key with a line break', { name: 'web', ssh_key: `${KEY}\n${KEY}` }, 'ssh_key'],
    ['a key with options', { name: 'web', ssh_key: `command="id" ${KEY}` }, 'ssh_key'],
    ['a key of another type than it says', { name: 'web', ssh_key: KEY.replace('ssh-ed25519', 'ssh-rsa') }, 'ssh_key'],
    ['a key that is none', { name: 'web', ssh_key: 'ssh-ed25519 AAAA' }, 'ssh_key'],
  ])('refuses %s and names the field', (_, body, field) => {
    const result = CreateVmRequest.safeParse(body);

    expect(result.error?.issues.map((issue) => issue.path[0])).toContain(field);
  });

  it('refuses a field that it does not know', () => {
    expect(CreateVmRequest.safeParse({ name: 'web', flavour: 'x' }).success).toBe(false);
  });
});

describe('ResizeVmRequest', () => {
  it.each([
    [{ cpu_cores: 2 }],
    [{ memory_gb: 8 }],
    [{ storage_gb: 20 }],
    [{ cpu_cores: 2, memory_gb: 8, storage_gb: 20 }],
  ])('takes %j', (body) => {
    expect(ResizeVmRequest.parse(body)).toEqual(body);
  });

  it.each([[{}], [{ cpu_cores: 0 }], [{ memory_gb: 1.5 }], [{ storage_gb: '20' }], [{ size: 'large' }], [null]])(
    'refuses %j',
    (body) => {
      expect(ResizeVmRequest.safeParse(body).success).toBe(false);
    },
  );
});
