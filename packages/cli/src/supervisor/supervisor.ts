import type { Settings } from '@golem-provider/contracts';
import { dataDirectory, type Logger } from '@golem-provider/service-kit';
import {
  createSupervisedProcess,
  type ProcessObserver,
  type SupervisedProcess,
} from '../processes/supervised-process.ts';
import { startPrivateRedis } from '../redis/private-redis.ts';
import { checkNamedRedis } from '../redis/redis-check.ts';
import { localBaseUrl, renderBanner } from './banner.ts';
import type { Claim } from './claim.ts';
import { endLeftovers } from './leftovers.ts';
import { isDiscoveryMissing } from './discovery-check.ts';
import { checkPort } from './port-check.ts';
import { readProviderInfo, waitUntilReady } from './readiness.ts';
import type { ServiceSpec } from './services.ts';

/** A service has 30 s to stop by itself, and a few more until it is killed. */
const SERVICE_STOP_PATIENCE_MS = 35_000;

/** What the supervisor needs. */
export interface SupervisorOptions {
  readonly settings: Settings;
  /** In the order in which they are stopped. */
  readonly services: readonly ServiceSpec[];
  /** The discovery service for development; undefined where the operator names one. Started when nobody is there. */
  readonly developmentDiscovery: ServiceSpec | undefined;
  readonly claim: Claim;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the services look for `.env`. */
  readonly cwd: string;
  readonly logger: Logger;
  /** Takes each line of a service's output. */
  readonly onLine: (service: string, line: string) => void;
  /** Prints text for people. */
  readonly print: (text: string) => void;
}

/** Runs the node on this machine. */
export interface Supervisor {
  /**
   * Starts everything, keeps it running until the signal aborts, stops it in order. VMs and nginx are left alone.
   * Resolves with the exit code: 0 after a stop, 78 when a service cannot run with these settings.
   *
   * @throws when it could not be started; what had been started is stopped then.
   */
  run(signal: AbortSignal): Promise<number>;
  /** What has not ended yet. */
  running(): string[];
}

/** See `Supervisor`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { settings, claim, cwd, logger, print } = options;
  const data = dataDirectory(settings.DATA_DIR);
  const env = {
    ...options.environment,
    NODE_ENV: options.environment['NODE_ENV'] ?? 'production',
    // Each thread of glibc's allocator would keep what it once took: up to 10 MiB for each service.
    MALLOC_ARENA_MAX: options.environment['MALLOC_ARENA_MAX'] ?? '1',
    // Absolute, so that all mean the same directory.
    GOLEM_PROVIDER_DATA_DIR: settings.DATA_DIR,
  };
  const observer: ProcessObserver = {
    onLine: options.onLine,
    onProcess: (name, identity) => claim.record(name, identity),
  };
  const serviceProcess = ({ name, entry, nodeOptions }: ServiceSpec): SupervisedProcess =>
    createSupervisedProcess(
      {
        name,
        program: process.execPath,
        args: [...nodeOptions, entry],
        env,
        cwd,
        stopPatienceMs: SERVICE_STOP_PATIENCE_MS,
        endsWithUs: true,
      },
      observer,
      logger,
    );
  const services = options.services.map(serviceProcess);
  const discovery =
    options.developmentDiscovery === undefined ? undefined : serviceProcess(options.developmentDiscovery);
  const started: SupervisedProcess[] = [];

  const tellWhenReady = async (signal: AbortSignal): Promise<void> => {
    const baseUrl = localBaseUrl(settings);
    await waitUntilReady(
      baseUrl,
      {
        onMissing: (missing) => logger.info({ missing }, 'waiting for the services'),
        onLate: (missing, seconds) => logger.warn({ missing }, `not ready after ${seconds} s, waiting on`),
      },
      signal,
    );
    const info = await readProviderInfo(baseUrl, signal);
    logger.info({ url: baseUrl, hypervisor: info.hypervisor?.name ?? null }, 'ready');
    const isDevelopment = discovery !== undefined && started.includes(discovery);
    print(renderBanner(baseUrl, info, settings, isDevelopment));
  };

  const start = async (signal: AbortSignal): Promise<void> => {
    await endLeftovers(claim.leftovers, logger);
    await checkPort(settings);
    signal.throwIfAborted();
    if (settings.REDIS_URL === undefined) {
      started.push(await startPrivateRedis({ data, env, observer, logger }, signal));
    } else {
      await checkNamedRedis(settings.REDIS_URL, logger);
    }
    signal.throwIfAborted();
    if (discovery !== undefined && (await isDiscoveryMissing(settings.DISCOVERY_URL, logger))) {
      signal.throwIfAborted();
      discovery.start();
      started.push(discovery);
    }
    // Stopped from the end of the list: the services in their order, then discovery, from which the advertiser withdraws, then Redis.
    for (const service of services.toReversed()) {
      service.start();
      started.push(service);
    }
  };

  const stop = async (): Promise<void> => {
    for (let process = started.at(-1); process !== undefined; process = started.at(-1)) {
      logger.info(`stopping ${process.name}`);
      await process.stop();
      started.pop();
    }
  };

  return {
    async run(signal) {
      const ended = new AbortController();
      const either = AbortSignal.any([signal, ended.signal]);
      const stopRequested = new Promise<number>((resolve) => {
        signal.addEventListener('abort', () => resolve(0));
        if (signal.aborted) resolve(0);
      });
      try {
        await start(either);
        const ready = tellWhenReady(either).catch((error: unknown) => {
          if (!either.aborted) logger.error({ err: error }, 'asking whether the provider is ready failed');
        });
        const all = discovery === undefined ? services : [...services, discovery];
        const code = await Promise.race([stopRequested, ...all.map(({ gaveUp }) => gaveUp)]);
        ended.abort(new Error('the provider is stopping'));
        await ready;
        return code;
      } catch (error) {
        if (signal.aborted) return 0;
        throw error;
      } finally {
        await stop();
      }
    },
    running: () => started.map(({ name, pid }) => (pid === undefined ? name : `${name} (process ${pid})`)),
  };
}
