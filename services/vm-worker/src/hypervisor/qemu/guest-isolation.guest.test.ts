import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import { createCommandRunner } from '../../exec/command-runner.ts';
import { testGuestImage } from '../../testing/guest-image.ts';
import { qemuFixture, type QemuFixture, testVmId } from '../../testing/qemu-fixture.ts';
import type { CallContext, ProbeResult } from '../hypervisor.ts';
import { removeGuestNetworkRules } from './guest-network.ts';

const MINUTE_MS = 60_000;
const context = (): CallContext => ({ signal: AbortSignal.timeout(5 * MINUTE_MS) });

interface Target {
  readonly host: string;
  readonly port: number;
}

const text = ({ host, port }: Target): string => `${host} ${port}`;

async function listen(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).end());
  server.listen({ host, port: 0, ipv6Only: host.includes(':') });
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function hostConnects({ host, port }: Target): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** What QEMU's user network answers at for the host itself, its gateway and its resolver, IPv4 and IPv6. */
const ALIASES = ['10.0.2.2', '10.0.2.3', 'fec0::2', 'fec0::3'];

/** The addresses of this host that others could use, IPv4 and IPv6; link-local ones mean nothing without an interface. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}

describe('a guest', () => {
  // One machine under the packet rules, one that QEMU itself isolates; each tries to reach the other's ssh port as well.
  const ruled = testVmId('ruled');
  const isolated = testVmId('isolated');
  let ruledFixture: QemuFixture;
  let isolatedFixture: QemuFixture;
  let ruledProbe: ProbeResult;
  let ruledPort: number;
  let isolatedPort: number;
  const servers: Server[] = [];
  let udp: UdpSocket;
  const datagrams: string[] = [];
  /** As the host sees them. */
  let listeners: Target[];

  /** What a guest tries so as to reach the listeners and the other guest: through the gateway and at the host's address. */
  const targetsOf = (otherGuest: number): Target[] => {
    const ports = [...listeners.map(({ port }) => port), otherGuest];
    return [...ALIASES, ...ownAddresses()].flatMap((host) => ports.map((port) => ({ host, port })));
  };

  /** Which of the targets a guest reaches. */
  const reached = async (fixture: QemuFixture, port: number, targets: readonly Target[]): Promise<string[]> => {
    // All at once, as each that is dropped in silence takes the whole of its patience.
    const script =
      'while read -r host port; do (nc -z -w 10 "$host" "$port" </dev/null && echo "$host $port") & done; wait; echo end';
    const { stdout, stderr } = await fixture.ssh(port, script, `${targets.map(text).join('\n')}\n`);
    const lines = stdout.trim().split('\n');
    // Anything but a script that ran to its end would look like a guest that reaches nothing.
    if (lines.pop() !== 'end') throw new Error(`the check did not come to its end: ${stderr}`);
    return lines;
  };

  beforeAll(async () => {
    const image = await testGuestImage(process.env, AbortSignal.timeout(20 * MINUTE_MS));
    ruledFixture = await qemuFixture(process.env);
    isolatedFixture = await qemuFixture(process.env, { GUEST_NETWORK: 'isolated' });
    const boot = async (fixture: QemuFixture, id: typeof ruled): Promise<number> => {
      const { hypervisor } = fixture;
      await fixture.images.importImage(image);
      await hypervisor.create(fixture.instance(id, { cpu_cores: 1, memory_gb: 1, storage_gb: 4 }), context());
      await hypervisor.start(id, context());
      return fixture.untilLogin(id, 5 * MINUTE_MS);
    };
    ruledProbe = await ruledFixture.hypervisor.probe(context());
    [ruledPort, isolatedPort] = await Promise.all([boot(ruledFixture, ruled), boot(isolatedFixture, isolated)]);

    const bound = [];
    for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) bound.push({ host, ...(await listen(host)) });
    servers.push(...bound.map(({ server }) => server));
    listeners = bound.map(({ host, port }) => ({
      host: host.replace('0.0.0.0', '127.0.0.1').replace(/^::$/, '::1'),
      port,
    }));
    udp = createSocket('udp4').on('message', (message) => datagrams.push(message.toString().trim()));
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
  }, 25 * MINUTE_MS);

  afterAll(async () => {
    udp.close();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await ruledFixture.dispose();
    await isolatedFixture.dispose();
  }, MINUTE_MS);

  it(
    'is reached by ssh although it reaches nobody, and its own check finds what is reachable',
    async () => {
      for (const target of listeners) expect([target, await hostConnects(target)]).toEqual([target, true]);
      const inside = { host: '127.0.0.1', port: 22 };
      expect(await reached(ruledFixture, ruledPort, [inside])).toEqual([text(inside)]);
      expect(await reached(isolatedFixture, isolatedPort, [inside])).toEqual([text(inside)]);
    },
    MINUTE_MS,
  );

  it(
    'under packet rules reaches neither the host nor another guest',
    async () => {
      expect(await reached(ruledFixture, ruledPort, targetsOf(isolatedPort))).toEqual([]);
    },
    3 * MINUTE_MS,
  );

  it(
    'that is isolated reaches neither the host nor another guest',
    async () => {
      expect(await reached(isolatedFixture, isolatedPort, targetsOf(ruledPort))).toEqual([]);
    },
    3 * MINUTE_MS,
  );

  it(
    'sends no datagram to the host',
    async () => {
      const { port } = udp.address();
      const send = `echo guest | nc -u -w 1 10.0.2.2 ${port}`;
      await ruledFixture.ssh(ruledPort, send);
      await isolatedFixture.ssh(isolatedPort, send);
      const sender = createSocket('udp4');
      await new Promise((resolve) => sender.send('host', port, '127.0.0.1', resolve));
      sender.close();
      await eventually(() => expect(datagrams).toContain('host'));
      expect(datagrams).toEqual(['host']);
    },
    MINUTE_MS,
  );

  it(
    'is held back by the rules alone, and again as soon as they are put back',
    async () => {
      if (ruledProbe.guestNetwork === 'isolated') return;
      const gateway = listeners.slice(0, 2).map(({ port }) => ({ host: '10.0.2.2', port }));
      const run = createCommandRunner(process.env);
      // Rules are for the users of all machines on a host: those of another provider hold ours back as well.
      const hasOtherRules = async (): Promise<boolean> => {
        const list = { program: 'nft', args: ['list', 'tables'], timeoutMs: 10_000 };
        const { stdout } = await run(list, context());
        return stdout.includes('golem_provider_');
      };
      await removeGuestNetworkRules(run, ruledFixture.data.root, context().signal);
      await eventually(async () => {
        const open = (await hasOtherRules()) ? [] : gateway.map(text);
        expect(await reached(ruledFixture, ruledPort, gateway)).toEqual(open);
      }, MINUTE_MS);
      await ruledFixture.hypervisor.probe(context());
      expect(await reached(ruledFixture, ruledPort, gateway)).toEqual([]);
    },
    3 * MINUTE_MS,
  );
});
