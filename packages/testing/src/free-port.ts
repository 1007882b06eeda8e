import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { isMissing } from './is-missing.ts';

const FIRST_PORT = 10_000;
/** From where systems take them that do not tell, and that follow the assignment of ports by IANA. */
const FIRST_DYNAMIC_PORT = 49_152;
/** With fewer to choose from, tests of the same moment would meet on one. */
const MIN_CHOICE = 5000;
const ATTEMPTS = 1000;

/**
 * Where the ports of tests end, not included: at the first of those that the kernel gives to any connection. Of such a one
 * nobody could be sure until somebody listens on it, nor for a minute after the connection's end.
 */
async function endOfChoice(): Promise<number> {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const end = Number(/^\d+/.exec(text)?.[0]);
  return end >= FIRST_PORT + MIN_CHOICE ? end : FIRST_DYNAMIC_PORT;
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers = ports.map((port) => createServer().listen({ port, host: '0.0.0.0', exclusive: true }));
  const outcomes = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return outcomes.every(({ status }) => status === 'fulfilled');
}

/** So many TCP ports in a row, `end` not included, that were free at every address a moment ago. */
export async function freePortSpan(length: number): Promise<{ start: number; end: number }> {
  const limit = (await endOfChoice()) - length;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const start = randomInt(FIRST_PORT, limit + 1);
    if (await areFree(Array.from({ length }, (_, index) => start + index))) return { start, end: start + length };
  }
  throw new Error(`no ${length} ports in a row are free`);
}

/** A TCP port that was free at every address a moment ago. */
export async function freePort(): Promise<number> {
  return (await freePortSpan(1)).start;
}

/** Several different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
