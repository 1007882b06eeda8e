import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Fault, type FaultScene, NOTHING_TO_END } from './fault.ts';

type NginxFault =
  'kill nginx' | 'kill the master of nginx alone' | 'unreadable file of nginx' | 'port taken by another program';

/** Another program on a port of all addresses; undefined where somebody has it. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '0.0.0.0');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

async function takePort({ bed, subject }: FaultScene): Promise<() => unknown> {
  const port = (await subject())?.proxy_port ?? null;
  if (port === null) return NOTHING_TO_END;
  let server = await listen(port);
  if (server === undefined) {
    // nginx has it: it dies, and somebody else is quicker.
    await bed.nginx.kill();
    server = await listen(port);
  }
  return async () => {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
}

/** What happens to the ssh proxy. */
export const NGINX_FAULTS: Readonly<Record<NginxFault, Fault>> = {
  'kill nginx': {
    mayFail: false,
    holdMs: 0,
    async begin({ bed }) {
      await bed.nginx.kill();
      return NOTHING_TO_END;
    },
  },
  'kill the master of nginx alone': {
    mayFail: false,
    holdMs: 0,
    async begin({ bed }) {
      await bed.nginx.killMaster();
      return NOTHING_TO_END;
    },
  },
  'unreadable file of nginx': {
    mayFail: false,
    holdMs: 0,
    async begin({ bed, subject, bystanderId }) {
      const ids = [(await subject())?.id, bystanderId];
      bed.nginx.spoilFile(ids.find((id) => id !== undefined && bed.nginx.hasFile(id)) ?? bystanderId);
      return NOTHING_TO_END;
    },
  },
  'port taken by another program': { mayFail: false, holdMs: 8000, begin: takePort },
};
