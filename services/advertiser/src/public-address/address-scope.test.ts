import { describe, expect, it } from '@jest/globals';
import { addressScope, isLocalService } from './address-scope.ts';

describe('addressScope', () => {
  it.each([
    ['203.0.113.7', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['2001:db8::1', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.5', 'private'],
    ['100.64.0.1', 'private'],
    ['169.254.1.1', 'private'],
    ['0.0.0.0', 'private'],
    ['239.0.0.1', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1', 'private'],
  ])('of %s is %s', (address, scope) => {
    expect(addressScope(address)).toBe(scope);
  });
});

describe('isLocalService', () => {
  it.each([
    ['http://localhost:7465', true],
    ['http://127.0.0.1:7465', true],
    ['http://[::1]:7465', true],
    ['http://192.168.1.2', true],
    ['http://discovery:7465', true],
    ['http://discovery.internal', true],
    ['http://nas.home.arpa', true],
    ['https://discovery.example.org', false],
    ['http://195.201.39.101:9001', false],
    ['http://[2001:db8::1]', false],
    ['http://local.example.org', false],
  ])('%s: %s', (url, expected) => {
    expect(isLocalService(url)).toBe(expected);
  });
});
