import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { type NetworkInterfaces, publicAddress } from './public-address.ts';

function ipv4(address: string, internal = false): NetworkInterfaceInfo {
  return { address, internal, family: 'IPv4', netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null };
}
function ipv6(address: string): NetworkInterfaceInfo {
  return {
    address,
    internal: false,
    family: 'IPv6',
    netmask: 'ffff::',
    mac: '00:00:00:00:00:00',
    cidr: null,
    scopeid: 0,
  };
}

const LOOPBACK = { lo: [ipv4('127.0.0.1', true)] };
const LAN = { ...LOOPBACK, eth0: [ipv6('2001:db8::1'), ipv4('192.0.2.5')], eth1: [ipv4('192.0.2.6')] };

describe('publicAddress', () => {
  it.each<[string, string, string | null | undefined, NetworkInterfaces, string]>([
    ['what the operator says', '203.0.113.9', '198.51.100.7', LAN, '203.0.113.9'],
    ['what was detected', 'auto', '198.51.100.7', LAN, '198.51.100.7'],
    ['its first address that is not internal', 'auto', null, LAN, '192.0.2.5'],
    ['the same before anything was reported', 'auto', undefined, LAN, '192.0.2.5'],
    ['the loopback where there is nothing else', 'auto', null, LOOPBACK, '127.0.0.1'],
    ['the loopback where there is no interface', 'auto', null, { eth0: undefined }, '127.0.0.1'],
  ])('is %s', (_, setting, detected, interfaces, expected) => {
    expect(publicAddress(setting, detected, () => interfaces)).toBe(expected);
  });
});
