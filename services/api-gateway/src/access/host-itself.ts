import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, type Origin } from './client-address.ts';

/** Whether a `Host` header names this machine itself; a page of another site that was made to resolve to it does not. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || isLoopback(name);
}

/** Whether the page that sent a request, if a page did, is our own: another site's may call us from the operator's browser. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || (host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`);
}

/** Whether a browser sends a request for a page that is not our own. Programs say nothing of it. */
export function isCrossSite({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return site === 'cross-site' || site === 'same-site' || !isOwnOrigin(origin, host);
}

/**
 * Whether a program of this machine calls, for somebody who works on it: over the loopback, directly, for no page of
 * another site. The host's own other addresses do not count: guests may appear with them.
 */
export function isHostItself({ peer, isForwarded }: Origin, headers: IncomingHttpHeaders): boolean {
  return isLoopback(peer) && !isForwarded && isLoopbackHost(headers.host) && !isCrossSite(headers);
}
