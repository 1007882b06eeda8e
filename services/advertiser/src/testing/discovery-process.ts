import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { callDiscovery, type DiscoveryGeneration, eventually, freePort } from '@golem-provider/testing';

const ENTRY = fileURLToPath(new URL('../../../discovery/dist/main.js', import.meta.url));

/** The discovery service for development as a process of its own; it must be compiled. */
export interface DiscoveryProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one over a Redis and waits until it answers. */
export async function startDiscoveryProcess(
  generation: DiscoveryGeneration,
  redisUrl: string,
  port?: number,
): Promise<DiscoveryProcess> {
  const url = `http://127.0.0.1:${port ?? (await freePort())}`;
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      GOLEM_PROVIDER_DISCOVERY_URL: url,
      GOLEM_PROVIDER_REDIS_URL: redisUrl,
      GOLEM_DISCOVERY_GENERATION: generation,
    },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`the discovery service ended with ${child.exitCode}`);
        await callDiscovery(url, { method: 'GET', path: '/health' });
      },
      30_000,
      500,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
