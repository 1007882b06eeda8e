import { createServer } from 'node:net';

const NO_SUCH_FAMILY = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL']);
const PARALLEL_PROBES = 32;

/** Listens for a moment. Resolves with the error's code, or undefined when it worked. */
async function tryToListen(host: '0.0.0.0' | '::', port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === undefined) reject(error);
      else resolve(error.code);
    });
    server.listen({ host, port, ipv6Only: host === '::', exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}

/** Whether this host can listen on IPv6 addresses. */
export async function hasIpv6(): Promise<boolean> {
  return (await tryToListen('::', 0)) === undefined;
}

/**
 * Whether nobody listens on a TCP port, on any address of this host: it is bound once, on IPv4 and, where the host has
 * it, on IPv6. Throws when binding fails for another reason than that the port is taken.
 */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['0.0.0.0', '::'] as const) {
    const code = await tryToListen(host, port);
    if (code === 'EADDRINUSE') return false;
    const isWithoutIpv6 = host === '::' && code !== undefined && NO_SUCH_FAMILY.has(code);
    if (code !== undefined && !isWithoutIpv6) throw new Error(`binding port ${port} as a test: ${code}`);
  }
  return true;
}

/** Ports from `start` up to, not including, `end`. */
export interface PortSpan {
  readonly start: number;
  readonly end: number;
}

/** The ports of a span on which others listen, in order. `ownPorts` are not tried: our proxy holds them. */
export async function findBusyPorts(span: PortSpan, ownPorts: ReadonlySet<number>): Promise<number[]> {
  const ports = Array.from({ length: Math.max(0, span.end - span.start) }, (_, index) => span.start + index).filter(
    (port) => !ownPorts.has(port),
  );
  const busy: number[] = [];
  for (let first = 0; first < ports.length; first += PARALLEL_PROBES) {
    const some = ports.slice(first, first + PARALLEL_PROBES);
    const areFree = await Promise.all(some.map((port) => isPortFree(port)));
    busy.push(...some.filter((_, index) => areFree[index] === false));
  }
  return busy;
}
