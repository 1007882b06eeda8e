import { createServer } from 'node:net';
import { AppError } from '@golem-provider/service-kit';

/** Which loopback ports may not be given to a machine. */
export interface PortRules {
  /** The public ssh ports; the end itself is not one of them. */
  readonly publicRange: { readonly start: number; readonly end: number };
  /** Ports that other machines count on. */
  readonly taken: ReadonlySet<number>;
}

const MAX_TRIES = 200;

/** Whether the rules leave a port to a machine. */
export function isAllowedPort(port: number, { publicRange, taken }: PortRules): boolean {
  return port >= 1024 && !(port >= publicRange.start && port < publicRange.end) && !taken.has(port);
}

/** Binds a port of the loopback for a moment; 0 lets the kernel choose. Undefined when it is in use. */
async function tryBind(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    return await new Promise((resolve, reject) => {
      server.once('error', (error) => {
        if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(undefined);
        else reject(error);
      });
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : undefined);
      });
    });
  } finally {
    server.close();
  }
}

/**
 * A free loopback port that the rules allow: the preferred one as long as it is free, so that a machine keeps its port.
 *
 * @throws AppError `HYPERVISOR_FAILED` when none is found.
 */
export async function chooseLoopbackPort(preferred: number | undefined, rules: PortRules): Promise<number> {
  if (preferred !== undefined && isAllowedPort(preferred, rules) && (await tryBind(preferred)) !== undefined)
    return preferred;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = await tryBind(0);
    if (port !== undefined && isAllowedPort(port, rules)) return port;
  }
  throw new AppError('HYPERVISOR_FAILED', 'choosing a loopback port for ssh: none is free', {
    publicDetail: 'The host has no free port for the VM.',
  });
}
