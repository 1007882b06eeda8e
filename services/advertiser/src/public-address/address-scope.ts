import { BlockList, isIP, isIPv4 } from 'node:net';

/** How far an address can be reached: from everywhere, from its own network, from its own machine. */
export type AddressScope = 'public' | 'private' | 'loopback';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Private, shared (carrier NAT), link-local, and what no host has: this network, multicast, reserved. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** The scope of an IP address of either version. */
export function addressScope(address: string): AddressScope {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (LOOPBACK.check(address, family)) return 'loopback';
  return PRIVATE.check(address, family) ? 'private' : 'public';
}

/** Names that are never in the public DNS: a name without a dot, and the domains kept for private networks. */
const LOCAL_NAME = /^[^.]+$|\.(localhost|local|internal|lan|home\.arpa)$/;

/** Whether a service at this URL serves this machine or its network only, as far as its address tells. */
export function isLocalService(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return isIP(host) === 0 ? LOCAL_NAME.test(host) : addressScope(host) !== 'public';
}
