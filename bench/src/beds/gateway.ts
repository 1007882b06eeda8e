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

/** Settings by their names in the environment. */
export type Variables = Readonly<Record<string, string>>;

/** As the supervisor starts it. */
const PRODUCTION = {
  options: ['--no-opt', '--expose-gc', '--max-semi-space-size=4'],
  variables: { MALLOC_ARENA_MAX: '1' },
};
const START_TIMEOUT_MS = 30_000;

/** The settings of all services of a case, with the limits out of the way; without a Redis they have a private one. */
export function serviceVariables(dataDirectory: string, redisUrl?: string): Variables {
  return {
    NODE_ENV: 'production',
    GOLEM_PROVIDER_DATA_DIR: dataDirectory,
    ...(redisUrl !== undefined && { GOLEM_PROVIDER_REDIS_URL: redisUrl }),
    GOLEM_PROVIDER_HOST: '127.0.0.1',
    GOLEM_PROVIDER_PUBLIC_IP: '127.0.0.1',
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '1000000',
    GOLEM_PROVIDER_MAX_LISTENERS_PER_CLIENT: '1000',
    GOLEM_PROVIDER_MAX_VMS: '10000',
    GOLEM_PROVIDER_LOG_LEVEL: 'warn',
  };
}

/** Starts the compiled gateway on a Redis. */
export async function startGateway(
  { root, environment }: BenchContext,
  server: RedisServer,
  more: Variables = {},
): Promise<GatewayBed> {
  const directory = await temporaryDirectory();
  const port = await freePort();
  const env = {
    ...environment,
    ...serviceVariables(join(directory.path, 'data'), server.url),
    ...PRODUCTION.variables,
    GOLEM_PROVIDER_PORT: String(port),
    // As in production: what the advertiser has found.
    GOLEM_PROVIDER_PUBLIC_IP: 'auto',
    ...more,
  };
  const child = startNode(join(root, 'services/api-gateway/dist/main.js'), [], env, directory.path, PRODUCTION.options);
  const stop = async (): Promise<void> => {
    await child.stop();
    await directory.dispose();
  };
  const baseUrl = `http://127.0.0.1:${port}`;
  try {
    await eventually(async () => {
      if (!(await fetch(`${baseUrl}/health`)).ok) throw new Error('the gateway is not up');
    }, START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { baseUrl, pid: child.pid, stop };
}
