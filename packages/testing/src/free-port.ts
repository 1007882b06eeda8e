import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Several different ones: all are held at once before any is let go. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, '127.0.0.1', () => {
              const address = server.address();
              resolve(typeof address === 'object' && address !== null ? address.port : 0);
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

const FIRST_OF_SPANS = 10_000;

/** The first of the ports that the kernel gives to whoever asks for any, as most connections do. */
async function firstOfAnybody(): Promise<number> {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  return Number(/^\d+/.exec(text)?.[0]);
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers = ports.map((port) => createServer().listen({ port, host: '0.0.0.0', exclusive: true }));
  const outcomes = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return outcomes.every(({ status }) => status === 'fulfilled');
}

/**
 * So many ports in a row that were free a moment ago, `end` not included. None of them is given to a connection by the
 * kernel, as any of those that `freePort` gives may be: nobody could listen on it then, for a minute after its end as well.
 */
export async function freePortSpan(length: number): Promise<{ start: number; end: number }> {
  const limit = (await firstOfAnybody()) - length;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const start = randomInt(FIRST_OF_SPANS, limit);
    const ports = Array.from({ length }, (_, index) => start + index);
    if (await areFree(ports)) return { start, end: start + length };
  }
  throw new Error(`no ${length} ports in a row are free`);
}
