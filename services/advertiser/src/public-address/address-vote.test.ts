import { describe, expect, it } from '@jest/globals';
import type { NetworkInterfaceInfo } from 'node:os';
import { countVotes, ownAddress, parsePublicAddress } from './address-vote.ts';

const A = '203.0.113.1';
const B = '203.0.113.2';

describe('parsePublicAddress', () => {
  it.each([
    ['203.0.113.7\n', '203.0.113.7'],
    ['  8.8.8.8 ', '8.8.8.8'],
    ['172.32.0.1', '172.32.0.1'],
    ['', undefined],
    ['<html>login</html>', undefined],
    ['2001:db8::1', undefined],
    ['999.1.1.1', undefined],
    ['203.0.113.7 203.0.113.8', undefined],
    ['192.168.1.1', undefined],
    ['10.1.2.3', undefined],
    ['172.16.0.1', undefined],
    ['100.64.0.1', undefined],
    ['127.0.0.1', undefined],
    ['169.254.1.1', undefined],
    ['0.0.0.0', undefined],
    ['224.0.0.1', undefined],
    ['255.255.255.255', undefined],
  ])('finds in %j the address %s', (text, address) => {
    expect(parsePublicAddress(text)).toBe(address);
  });
});

describe('countVotes', () => {
  it.each([
    { name: 'all', answers: [A, A, A], vote: { kind: 'agreed', address: A } },
    { name: 'two of three', answers: [B, A, A], vote: { kind: 'agreed', address: A } },
    { name: 'two where one did not answer', answers: [A, undefined, A], vote: { kind: 'agreed', address: A } },
    { name: 'the only one that answered', answers: [undefined, B, undefined], vote: { kind: 'single', address: B } },
    { name: 'none where two contradict each other', answers: [A, B, undefined], vote: { kind: 'none' } },
    { name: 'none where there are as many for each', answers: [A, B, B, A], vote: { kind: 'none' } },
    { name: 'none where nobody answered', answers: [undefined, undefined], vote: { kind: 'none' } },
    { name: 'none where nobody was asked', answers: [], vote: { kind: 'none' } },
  ])('takes the address of $name', ({ answers, vote }) => {
    expect(countVotes(answers)).toEqual(vote);
  });
});

describe('ownAddress', () => {
  const ipv4 = (address: string, internal = false): NetworkInterfaceInfo => ({
    address,
    internal,
    family: 'IPv4',
    netmask: '255.255.255.0',
    mac: '00:00:00:00:00:00',
    cidr: null,
  });
  const ipv6: NetworkInterfaceInfo = {
    address: 'fd00::1',
    internal: false,
    family: 'IPv6',
    netmask: 'ffff::',
    mac: '00:00:00:00:00:00',
    cidr: null,
    scopeid: 0,
  };

  it.each([
    {
      name: 'the first that is not internal',
      interfaces: { lo: [ipv4('127.0.0.1', true)], eth0: [ipv6, ipv4('10.0.0.5')], eth1: [ipv4('10.0.0.6')] },
      address: '10.0.0.5',
    },
    {
      name: 'the loopback where there is none',
      interfaces: { lo: [ipv4('127.0.0.1', true)], eth0: [ipv6] },
      address: '127.0.0.1',
    },
    {
      name: 'the loopback rather than a link-local one',
      interfaces: { eth0: [ipv4('169.254.7.7')] },
      address: '127.0.0.1',
    },
  ])('is $name', ({ interfaces, address }) => {
    expect(ownAddress(interfaces)).toBe(address);
  });
});
