import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePorts } from '@golem-provider/testing';
import { readSshBanner } from '../ssh-banner.ts';
import { createForwarderBed, type ForwarderBed } from './forwarder-bed.ts';
import { connectLines, type LineConnection, startToySshServer, type ToySshServer } from './toy-ssh-server.ts';

/** A forwarder over a real private nginx, two targets for it and some free ports. */
export interface ForwardScene {
  readonly bed: ForwarderBed;
  readonly a: ToySshServer;
  readonly b: ToySshServer;
  port(index: number): number;
  /** The banner that comes through a port. */
  banner(port: number, host?: string): Promise<string>;
  /** A connection through a port, its banner read. */
  connect(port: number): Promise<LineConnection>;
  /** Another program listens on a port. */
  occupy(port: number): Promise<void>;
  dispose(): Promise<void>;
}

/** Ends a test that has failed: every banner that is asked for comes. */
const BANNER_LIMIT_MS = 30_000;

/** Sets the scene. */
export async function createForwardScene(environment: NodeJS.ProcessEnv): Promise<ForwardScene> {
  const [bed, a, b, ports] = await Promise.all([
    createForwarderBed(environment),
    startToySshServer('a'),
    startToySshServer('b'),
    freePorts(4),
  ]);
  const listeners: Server[] = [];
  const connections: LineConnection[] = [];
  return {
    bed,
    a,
    b,
    port: (index) => ports[index] ?? 0,
    banner: (port, host = '127.0.0.1') =>
      readSshBanner(host, port, { signal: new AbortController().signal, timeoutMs: BANNER_LIMIT_MS }),
    async connect(port) {
      const connection = await connectLines(port);
      connections.push(connection);
      await connection.next();
      return connection;
    },
    async occupy(port) {
      const server = createServer();
      server.listen(port, '0.0.0.0');
      await once(server, 'listening');
      listeners.push(server);
    },
    async dispose() {
      for (const connection of connections) await connection.close();
      for (const listener of listeners) listener.close();
      await Promise.all([a.stop(), b.stop()]);
      await bed.dispose();
    },
  };
}
