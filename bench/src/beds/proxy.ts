import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { VmId } from '@golem-provider/contracts';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import { temporaryDirectory } from '@golem-provider/testing';
import { createCommandRunner } from '../../../services/vm-worker/dist/exec/command-runner.js';
import {
  createNginxPortForwarder,
  nginxPlaces,
} from '../../../services/vm-worker/dist/forwarding/nginx-port-forwarder.js';
import { stopPrivateNginx } from '../../../services/vm-worker/dist/forwarding/private-nginx.js';
import type { BenchContext } from '../bench-case.ts';
import { runProgram } from './child.ts';

/** The worker's own part that forwards ports, with a private nginx. */
export interface ProxyBed {
  /** Forwards so many more ports to one of the loopback, all asked for at once. Resolves with the ports. */
  forward(count: number, target: number): Promise<number[]>;
  /** Milliseconds of a test of the configuration by hand. */
  test(): Promise<number>;
  stop(): Promise<void>;
}

/** Below the ports that the kernel gives out. */
const PORTS = { first: 12_000, last: 29_000, room: 2000 };
const LIMIT_MS = 120_000;

/** Nothing runs until the first port is forwarded. */
export async function createProxy({ environment }: BenchContext): Promise<ProxyBed> {
  const directory = await temporaryDirectory();
  const places = nginxPlaces({}, { nginx: join(directory.path, 'nginx'), logs: join(directory.path, 'logs') });
  const forwarder = createNginxPortForwarder({
    run: createCommandRunner(environment),
    logger: createLogger({ name: 'bench', level: 'warn', pretty: false }),
    places,
    clock: systemClock,
    searchPath: environment['PATH'] ?? '',
  });
  let next = randomInt(PORTS.first, PORTS.last - PORTS.room);
  let count = 0;
  /** The next port that no other program holds. */
  const forwardNext = async (target: number): Promise<number> => {
    for (;;) {
      const port = next;
      next += 1;
      const vmId = VmId.parse(`golem-bench-20260101-${String(count).padStart(6, '0')}`);
      count += 1;
      const forward = { vmId, port, target: { host: '127.0.0.1', port: target } };
      if ((await forwarder.forward(forward, { signal: AbortSignal.timeout(LIMIT_MS) })) === 'forwarded') return port;
    }
  };
  return {
    forward: (wanted, target) => Promise.all(Array.from({ length: wanted }, () => forwardNext(target))),
    async test() {
      const prefix = places.privatePrefix;
      const args = ['-t', '-c', join(prefix, 'nginx.conf'), '-p', prefix];
      return (await runProgram('nginx', args, { env: environment, signal: AbortSignal.timeout(LIMIT_MS) })).ms;
    },
    async stop() {
      await stopPrivateNginx(places, AbortSignal.timeout(LIMIT_MS));
      await directory.dispose();
    },
  };
}
