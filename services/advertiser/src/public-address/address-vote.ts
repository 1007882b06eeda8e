import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { addressScope } from './address-scope.ts';

/** The address in a service's answer; undefined for anything but one public IPv4 address. */
export function parsePublicAddress(text: string): string | undefined {
  const address = text.trim();
  return isIPv4(address) && addressScope(address) === 'public' ? address : undefined;
}

/** What services said together. `single`: one alone named an address, and it may be wrong or lie. */
export type Vote =
  | { readonly kind: 'agreed'; readonly address: string }
  | { readonly kind: 'single'; readonly address: string }
  | { readonly kind: 'none' };

/** The address that most services named, at least two of them; where they contradict each other, none is believed. */
export function countVotes(answers: readonly (string | undefined)[]): Vote {
  const named = answers.filter((answer) => answer !== undefined);
  const [only] = named;
  if (named.length === 1 && only !== undefined) return { kind: 'single', address: only };
  const votes = new Map<string, number>();
  for (const address of named) votes.set(address, (votes.get(address) ?? 0) + 1);
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < 2 || second?.[1] === first[1]) return { kind: 'none' };
  return { kind: 'agreed', address: first[0] };
}

/** The first IPv4 address of this machine that others could reach, or the loopback where it has none. */
export function ownAddress(interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>): string {
  const own = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'));
  return own?.address ?? '127.0.0.1';
}
