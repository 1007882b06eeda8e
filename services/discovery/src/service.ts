import { createServer, type RequestListener } from 'node:http';
import type { Settings } from '@golem-provider/contracts';
import {
  type Component,
  compose,
  createLogger,
  loggerOptions,
  type Service,
  SettingsError,
  systemClock,
} from '@golem-provider/service-kit';
import { producerRedis, redisComponent, redisUrl } from '@golem-provider/service-kit/redis';
import { z } from 'zod';
import { createAdvertisementStore } from './advertisement-store.ts';
import { Generation } from './advertisement.ts';
import { createApp } from './app.ts';

/** After which an advertisement that was not renewed is forgotten. */
const EXPIRY_MS = 5 * 60_000;

/** What this service alone is told, by variables of its own: it is no part of a provider. */
const Options = z.object({
  /** Which of the two generations in use it plays. */
  GOLEM_DISCOVERY_GENERATION: Generation.default('newer'),
  /** Where it listens; whoever reaches it can advertise anything. */
  GOLEM_DISCOVERY_HOST: z.string().min(1).default('127.0.0.1'),
});

/** The port of a URL, also where it is the scheme's own. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function httpServer(host: string, port: number, listener: RequestListener): Component {
  const server = createServer(listener);
  return {
    name: 'http server',
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      }),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The discovery service for development, at the port of `DISCOVERY_URL`, over the provider's own Redis. */
export function createService(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): Service {
  const options = Options.safeParse(environment);
  if (!options.success) {
    throw new SettingsError(options.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  }
  const logger = createLogger(loggerOptions('discovery', settings, isTerminal));
  const redis = producerRedis(redisUrl(settings), logger);
  const app = createApp({
    generation: options.data.GOLEM_DISCOVERY_GENERATION,
    store: createAdvertisementStore(redis, EXPIRY_MS),
    clock: systemClock,
    logger,
  });
  const server = httpServer(options.data.GOLEM_DISCOVERY_HOST, portOf(settings.DISCOVERY_URL), app);
  return { logger, component: compose('discovery', [redisComponent(redis), server]) };
}
