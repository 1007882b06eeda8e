import { createServer } from 'node:net';
import type { Settings } from '@golem-provider/contracts';

/**
 * Fails when the API could not listen. Asked before anything is started: whoever listens there would also answer us
 * when we ask whether the API is ready.
 */
export async function checkPort({ HOST, PORT }: Pick<Settings, 'HOST' | 'PORT'>): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(PORT, HOST, resolve);
    });
  } catch (cause) {
    throw new Error(`the API cannot listen on GOLEM_PROVIDER_HOST and GOLEM_PROVIDER_PORT, ${HOST}:${PORT}`, { cause });
  }
  await new Promise((resolve) => server.close(resolve));
}
