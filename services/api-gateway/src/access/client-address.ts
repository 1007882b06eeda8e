import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import proxyAddr from 'proxy-addr';

const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

/** Where a request comes from. */
export interface Origin {
  /** The address at the other end of the socket. */
  readonly peer: string;
  /** The client's address: the peer's, or what trusted proxies say. */
  readonly client: string;
  /** Whether it came, or claims to have come, through a proxy. */
  readonly isForwarded: boolean;
}

/** Tells where a request comes from. */
export type FindOrigin = (request: IncomingMessage) => Origin;

/** An IPv4 address is written as such even on an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whether an address is of this machine's loopback. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** What counts as one client: an IPv6 client has a whole network of addresses. */
export function clientKey(address: string): string {
  return ipKeyGenerator(address);
}

/**
 * Believes what is said about a client by the proxies of a list (addresses and CIDR networks) alone. A request of such a
 * proxy is always a forwarded one, whatever it says.
 */
export function trustProxies(proxies: readonly string[]): FindOrigin {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', length] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (length === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(length), family);
  }
  const isTrusted = (address: string): boolean => {
    if (proxies.length === 0) return false;
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && trusted.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    // Where no proxy is believed, the peer is the client: nothing that it says needs to be read.
    const told = proxies.length === 0 ? peer : plainAddress(proxyAddr(request, isTrusted));
    return {
      peer,
      client: isIP(told) === 0 ? peer : told,
      isForwarded: isTrusted(peer) || FORWARDING_HEADERS.some((name) => request.headers[name] !== undefined),
    };
  };
}
