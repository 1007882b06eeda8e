import type { IncomingMessage } from 'node:http';

/** The address at the other end of the socket; an IPv4 one is written as such even on an IPv6 socket. */
export function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whether an address as `clientAddress` gives it is of this machine's loopback. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}
