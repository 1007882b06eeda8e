import { BlockList, isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** What no requestor can reach: this network, private, shared (carrier NAT), loopback, link-local, multicast, reserved. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}

/** The address in a service's answer; undefined for anything but one public IPv4 address. */
export function parsePublicAddress(text: string): string | undefined {
  const address = text.trim();
  return isIPv4(address) && !NOT_PUBLIC.check(address, 'ipv4') ? address : undefined;
}

/**
 * The address that most services named, at least two of them, or the only one that was named at all. One service alone may
 * be wrong or lie; where they contradict each other, none is believed.
 */
export function agreedAddress(answers: readonly (string | undefined)[]): string | undefined {
  const named = answers.filter((answer) => answer !== undefined);
  const [only] = named;
  if (named.length === 1) return only;
  const votes = new Map<string, number>();
  for (const address of named) votes.set(address, (votes.get(address) ?? 0) + 1);
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < 2 || second?.[1] === first[1]) return undefined;
  return first[0];
}

/** The first IPv4 address of this machine that others could reach, or the loopback where it has none. */
export function ownAddress(interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>): string {
  const own = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'));
  return own?.address ?? '127.0.0.1';
}
