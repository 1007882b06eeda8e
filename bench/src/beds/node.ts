import { join } from 'node:path';
import { API_PREFIX, Readiness } from '@golem-provider/contracts';
import { eventually, freePort, startRedisServer, temporaryDirectory } from '@golem-provider/testing';
import type { BenchContext } from '../bench-case.ts';
import { type Child, runProgram, startNode } from './child.ts';
import { serviceVariables, type Variables } from './gateway.ts';
import { commandLine, processesNaming } from './processes.ts';

/** A whole node by its real command: supervisor, private Redis and nginx, four services; a discovery service beside it. */
export interface NodeBed {
  readonly baseUrl: string;
  readonly dataDirectory: string;
  /** Starts it; milliseconds until the API says that it is ready. */
  start(): Promise<number>;
  /** Stops it; nginx stays. */
  stopServices(): Promise<void>;
  /** Pids by what they are. */
  processes(): ReadonlyMap<string, number[]>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const LOOK_MS = 10;
/** As `npm start` runs it. */
const SUPERVISOR = { options: ['--no-opt', '--max-semi-space-size=2'], variables: { MALLOC_ARENA_MAX: '1' } };
const SERVICES = ['api-gateway', 'vm-worker', 'monitor', 'advertiser'];

function roleOf(line: readonly string[]): string | undefined {
  const text = line.join(' ');
  const service = SERVICES.find((name) => text.includes(`services/${name}/dist/main.js`));
  if (service !== undefined) return service;
  if (text.includes('cli/dist/main.js')) return 'supervisor';
  if (text.includes('redis-server')) return 'redis';
  return text.includes('nginx') ? 'nginx' : undefined;
}

/** A node whose data directory is empty; nothing runs yet. */
export async function prepareNode(context: BenchContext, hypervisor: Variables): Promise<NodeBed> {
  const { root, environment } = context;
  const directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, 'data');
  const port = await freePort();
  const discoveryUrl = `http://127.0.0.1:${await freePort()}`;
  const discoveryRedis = await startRedisServer();
  const discovery = startNode(
    join(root, 'services/discovery/dist/main.js'),
    [],
    { ...environment, GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl, GOLEM_PROVIDER_REDIS_URL: discoveryRedis.url },
    directory.path,
  );
  const env = {
    ...environment,
    ...serviceVariables(dataDirectory),
    ...SUPERVISOR.variables,
    GOLEM_PROVIDER_MAX_VMS: '10',
    GOLEM_PROVIDER_PORT: String(port),
    GOLEM_PROVIDER_DISCOVERY_URL: discoveryUrl,
    ...hypervisor,
  };
  const baseUrl = `http://127.0.0.1:${port}`;
  let supervisor: Child | undefined;
  const stopServices = async (): Promise<void> => {
    await supervisor?.stop();
    supervisor = undefined;
  };
  return {
    baseUrl,
    dataDirectory,
    stopServices,
    async start() {
      const began = performance.now();
      supervisor = startNode(
        join(root, 'packages/cli/dist/main.js'),
        ['start'],
        env,
        directory.path,
        SUPERVISOR.options,
      );
      await eventually(
        async () => {
          const { ready } = Readiness.parse(await (await fetch(`${baseUrl}${API_PREFIX}/ready`)).json());
          if (!ready) throw new Error('the provider is not ready');
        },
        START_TIMEOUT_MS,
        LOOK_MS,
      );
      return performance.now() - began;
    },
    processes() {
      const found = new Map<string, number[]>();
      for (const pid of processesNaming(dataDirectory)) {
        const role = roleOf(commandLine(pid));
        if (role !== undefined) found.set(role, [...(found.get(role) ?? []), pid]);
      }
      return found;
    },
    async stop() {
      await stopServices();
      const prefix = join(dataDirectory, 'nginx');
      const options = { env: environment, signal: AbortSignal.timeout(30_000) };
      // One that does not run is no nginx to be stopped.
      await runProgram('nginx', ['-c', join(prefix, 'nginx.conf'), '-p', prefix, '-s', 'stop'], options).catch(
        () => undefined,
      );
      await discovery.stop();
      await discoveryRedis.stop();
      await directory.dispose();
    },
  };
}
