import type { DataDirectory } from '@golem-provider/service-kit';

/** The longest path of a Unix socket in bytes: `sun_path` of Linux holds 108 with the zero at its end. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Says what is wrong with the place of the socket; undefined when it can be used. */
export function socketPathProblem(socket: string): string | undefined {
  const bytes = Buffer.byteLength(socket);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return `GOLEM_PROVIDER_DATA_DIR: too long, the path of a Unix socket in it would have ${bytes} bytes and may have ${MAX_SOCKET_PATH_BYTES}`;
}

const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/**
 * The configuration of the private Redis: a Unix socket that only our user opens and no port; every write is in the
 * append-only file within a second; nothing is ever evicted.
 */
export function renderRedisConf(data: Pick<DataDirectory, 'redis' | 'redisSocket'>, logFile: string): string {
  return [
    'port 0',
    `unixsocket ${quoted(data.redisSocket)}`,
    'unixsocketperm 700',
    `dir ${quoted(data.redis)}`,
    'daemonize no',
    'supervised no',
    `logfile ${quoted(logFile)}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}
