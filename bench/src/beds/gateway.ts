import { join } from 'node:path';
import { eventually, freePort, type RedisServer, temporaryDirectory } from '@golem-provider/testing';
import type { BenchContext } from '../bench-case.ts';
import { startNode } from './child.ts';

/** A gateway as in production, alone. */
export interface GatewayBed {
  readonly baseUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Starts the compiled gateway on a Redis, with the rate limit out of the way. */
export async function startGateway(
  { root, environment }: BenchContext,
  server: RedisServer,
  more: Readonly<Record<string, string>> = {},
): Promise<GatewayBed> {
  const directory = await temporaryDirectory();
  const port = await freePort();
  const env = {
    ...environment,
    NODE_ENV: 'production',
    GOLEM_PROVIDER_DATA_DIR: join(directory.path, 'data'),
    GOLEM_PROVIDER_REDIS_URL: server.url,
    GOLEM_PROVIDER_HOST: '127.0.0.1',
    GOLEM_PROVIDER_PORT: String(port),
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '1000000',
    GOLEM_PROVIDER_LOG_LEVEL: 'warn',
    ...more,
  };
  const child = startNode(join(root, 'services/api-gateway/dist/main.js'), [], env, directory.path);
  const baseUrl = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (!(await fetch(`${baseUrl}/health`)).ok) throw new Error('the gateway is not up');
  }, START_TIMEOUT_MS);
  return {
    baseUrl,
    pid: child.pid,
    async stop() {
      await child.stop();
      await directory.dispose();
    },
  };
}
