import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from '../exit-codes.ts';
import { createRequest } from './manage-vms.ts';

describe('createRequest', () => {
  it.each([
    [{}, { name: 'web' }],
    [{ size: 'small' }, { name: 'web', size: 'small' }],
    [
      { cpu: '2', memory: '4', storage: '20' },
      { name: 'web', cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
    ],
    [{ image: 'noble' }, { name: 'web', image: 'noble' }],
  ])('of %j', (options, request) => {
    expect(createRequest('web', options, undefined)).toEqual(request);
  });
  it.each([
    [{ cpu: 'two' }, '--cpu: two is not a whole number'],
    [{ cpu: '-1' }, '--cpu: -1 is not a whole number'],
    [{ size: 'huge' }, 'size: '],
    [{ size: 'small', cpu: '2' }, 'size: cannot stand beside explicit numbers'],
    [{ image: '/etc/passwd' }, 'image: '],
  ])('refuses %j before anything is sent', (options, words) => {
    expect(() => createRequest('web', options, undefined)).toThrow(
      expect.objectContaining({ exitCode: EXIT_CODES.usage, message: expect.stringContaining(words) }),
    );
  });
  it('refuses a name or a key that is none', () => {
    expect(() => createRequest('-', {}, undefined)).toThrow('name: ');
    expect(() => createRequest('web', {}, 'no key')).toThrow('ssh_key: ');
  });
});
