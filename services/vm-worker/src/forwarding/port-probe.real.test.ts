import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePorts } from '@golem-provider/testing';
import { findBusyPorts, hasIpv6, isPortFree } from './port-probe.ts';

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function occupy(host: string, port: number): Promise<void> {
  const server = createServer();
  server.listen({ host, port, ipv6Only: host.includes(':') });
  await once(server, 'listening');
  stops.push(() => server.close());
}

describe('a port', () => {
  it('is free when nobody listens, and stays so after it was tried', async () => {
    const [port = 0] = await freePorts(1);
    await expect(isPortFree(port)).resolves.toBe(true);
    await expect(isPortFree(port)).resolves.toBe(true);
  });

  it.each(['0.0.0.0', '127.0.0.1'])('is busy when somebody listens on %s', async (host) => {
    const [port = 0] = await freePorts(1);
    await occupy(host, port);
    await expect(isPortFree(port)).resolves.toBe(false);
  });

  it('is busy when somebody listens on IPv6 alone', async () => {
    if (!(await hasIpv6())) return;
    const [port = 0] = await freePorts(1);
    await occupy('::', port);
    await expect(isPortFree(port)).resolves.toBe(false);
  });
});

describe('findBusyPorts', () => {
  it('names the ports that others hold and leaves ours out', async () => {
    const [theirs = 0, ours = 0] = await freePorts(2);
    await occupy('127.0.0.1', theirs);
    await occupy('127.0.0.1', ours);
    const around = async (port: number): Promise<boolean> =>
      (await findBusyPorts({ start: port - 40, end: port + 1 }, new Set([ours]))).includes(port);
    await expect(Promise.all([around(theirs), around(ours)])).resolves.toEqual([true, false]);
  });

  it('finds nothing in an empty span', async () => {
    await expect(findBusyPorts({ start: 50_800, end: 50_800 }, new Set())).resolves.toEqual([]);
  });
});
