import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DataDirectory,
  endProcess,
  identifyProcess,
  type Logger,
  pause,
  withDeadline,
} from '@golem-provider/service-kit';
import { rotate } from '../logs/rotating-file.ts';
import {
  createSupervisedProcess,
  type ProcessObserver,
  type SupervisedProcess,
} from '../processes/supervised-process.ts';
import { renderRedisConf } from './redis-conf.ts';
import { askRedis, parseServerPid } from './redis-inline.ts';

/** What the private Redis is called among the supervised processes. */
export const REDIS_PROCESS = 'redis';

/** Reading back a large append-only file takes its time, and so does its last flush. */
const START_TIMEOUT_MS = 60_000;
const STOP_PATIENCE_MS = 60_000;
const ASK_TIMEOUT_MS = 2000;
const POLL_MS = 50;
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** What the private Redis needs. */
export interface PrivateRedisOptions {
  readonly data: DataDirectory;
  readonly env: NodeJS.ProcessEnv;
  readonly observer: ProcessObserver;
  readonly logger: Logger;
}

/** Ends a private Redis that a supervisor left behind without even a record of it. Its data are in its files. */
async function endLeftover(data: DataDirectory, logger: Logger): Promise<void> {
  if (!existsSync(data.redisSocket)) return;
  const pid = parseServerPid((await askRedis(data.redisSocket, 'INFO server', ASK_TIMEOUT_MS)) ?? '');
  const leftover = pid === undefined ? undefined : identifyProcess(pid);
  if (leftover === undefined) return;
  logger.info({ pid }, 'taking over from a private Redis that was left running');
  await endProcess(leftover, STOP_PATIENCE_MS);
}

async function waitForPing(redis: SupervisedProcess, data: DataDirectory, signal: AbortSignal): Promise<void> {
  const deadline = withDeadline(signal, START_TIMEOUT_MS);
  while ((await askRedis(data.redisSocket, 'PING', ASK_TIMEOUT_MS))?.startsWith('+PONG') !== true) {
    try {
      await pause(POLL_MS, deadline);
    } catch (cause) {
      await redis.stop();
      signal.throwIfAborted();
      throw new Error(`the private Redis does not answer; its log is ${join(data.logs, 'redis.log')}`, { cause });
    }
  }
}

/**
 * Starts the private Redis and resolves when it answers. It is a child that is started again when it dies, and that
 * outlives us when we are killed, since the services still need it while they end; the next start then takes it over.
 */
export async function startPrivateRedis(
  { data, env, observer, logger }: PrivateRedisOptions,
  signal: AbortSignal,
): Promise<SupervisedProcess> {
  await endLeftover(data, logger);
  const logFile = join(data.logs, 'redis.log');
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) rotate(logFile, 1);
  const conf = join(data.redis, 'redis.conf');
  await writeFile(conf, renderRedisConf(data, logFile), { mode: 0o600 });
  const redis = createSupervisedProcess(
    {
      name: REDIS_PROCESS,
      program: 'redis-server',
      args: [conf],
      env,
      cwd: data.redis,
      stopPatienceMs: STOP_PATIENCE_MS,
      endsWithUs: false,
    },
    observer,
    logger,
  );
  redis.start();
  await waitForPing(redis, data, signal);
  return redis;
}
