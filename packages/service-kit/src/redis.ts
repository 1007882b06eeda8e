import type { Settings } from '@golem-provider/contracts';
import { Redis } from 'ioredis';
import { closeRedis } from './close-redis.ts';
import { dataDirectory } from './data-directory.ts';
import type { Component } from './lifecycle.ts';
import type { Logger } from './logger.ts';

/** How long a command of a caller that answers a person may wait for Redis. */
const COMMAND_TIMEOUT_MS = 5000;
/** Below the above together with the longest pause between two tries, so that what timed out was not still queued. */
const CONNECT_TIMEOUT_MS = 2500;

/** Where Redis is: what `REDIS_URL` names, or the private one under the data directory. */
export function redisUrl(settings: Pick<Settings, 'REDIS_URL' | 'DATA_DIR'>): string {
  return settings.REDIS_URL ?? `unix://${dataDirectory(settings.DATA_DIR).redisSocket}`;
}

interface Patience {
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
  readonly connectTimeout?: number;
}

function connect(url: string, patience: Patience, logger: Logger): Redis {
  const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2000);
  const all = { ...patience, retryStrategy, lazyConnect: true };
  const redis = url.startsWith('unix://') ? new Redis(url.slice('unix://'.length), all) : new Redis(url, all);
  let isDown = false;
  redis.on('error', (err: Error) => {
    // Every reconnect fails with the same words; the first and the recovery are what a reader needs.
    if (!isDown) logger.warn({ err }, 'Redis is not reachable');
    isDown = true;
  });
  redis.on('ready', () => {
    if (isDown) logger.info('Redis is reachable again');
    isDown = false;
  });
  return redis;
}

/**
 * Lets the commands of one turn of the event loop leave in one write: in a profile, writing was a sixth of the time of a
 * read of the API. Unlike ioredis's automatic pipelines, nothing waits for what was sent before it, and deadlines stay as they are.
 */
function gatherWrites(redis: Redis): Redis {
  const send = redis.sendCommand.bind(redis);
  let gathering: Redis['stream'] | undefined;
  redis.sendCommand = (command, stream) => {
    const socket = redis.stream;
    if (redis.status === 'ready' && gathering !== socket) {
      gathering = socket;
      socket.cork();
      setImmediate(() => {
        if (gathering === socket) gathering = undefined;
        socket.uncork();
      });
    }
    return send(command, stream);
  };
  return redis;
}

/**
 * A connection for callers that must get an answer or an error soon: a command fails after 5 s, and at once when the
 * connection breaks. It is never sent a second time: what its caller was told has failed must not be done later.
 */
export function producerRedis(url: string, logger: Logger): Redis {
  const patience = { commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: CONNECT_TIMEOUT_MS, maxRetriesPerRequest: 0 };
  return gatherWrites(connect(url, patience, logger));
}

/** A connection that waits for Redis as long as it takes; BullMQ's workers and blocking reads need this. */
export function blockingRedis(url: string, logger: Logger): Redis {
  return connect(url, { maxRetriesPerRequest: null }, logger);
}

/** Closes a connection when its service stops. It is opened by the first command, so that a service starts without Redis. */
export function redisComponent(redis: Redis): Component {
  return {
    name: 'Redis connection',
    start: () => Promise.resolve(),
    stop() {
      closeRedis(redis);
      return Promise.resolve();
    },
  };
}
