import { join } from 'node:path';
import { ERROR_LOG, FORWARD_FILE_GLOB } from './forward-file.ts';
import { quoteWord } from './nginx-syntax.ts';

/** What the configuration of the private nginx depends on. */
export interface PrivateConfOptions {
  readonly pidFile: string;
  readonly logDirectory: string;
  readonly configDirectory: string;
  /** The file of the stream module where it has to be loaded. */
  readonly streamModule: string | undefined;
  /** As whom the workers run; undefined where the master has no right to choose. */
  readonly user: WorkerUser | undefined;
}

/** An account of the host without rights. */
export interface WorkerUser {
  readonly name: string;
  readonly group: string;
}

/**
 * `nginx.conf` of the private nginx. Two workers are plenty for ssh and keep the number of old ones low that stay after a
 * reload until their last session ends; there is no `worker_shutdown_timeout`, which would cut those sessions.
 */
export function renderPrivateConf(options: PrivateConfOptions): string {
  const { streamModule, user } = options;
  return [
    '# Written by the provider, which overwrites changes.',
    ...(streamModule === undefined ? [] : [`load_module ${quoteWord(streamModule)};`]),
    ...(user === undefined ? [] : [`user ${user.name} ${user.group};`]),
    'daemon on;',
    'worker_processes 2;',
    'worker_rlimit_nofile 16640;',
    `pid ${quoteWord(options.pidFile)};`,
    `error_log ${quoteWord(join(options.logDirectory, ERROR_LOG))} notice;`,
    'events {',
    '    worker_connections 8192;',
    '}',
    'stream {',
    `    include ${quoteWord(join(options.configDirectory, FORWARD_FILE_GLOB))};`,
    '}',
    '',
  ].join('\n');
}

/** The account for the workers, from the texts of `/etc/passwd` and `/etc/group`: the first that there is. */
export function chooseWorkerUser(passwd: string, group: string): WorkerUser | undefined {
  const accounts = new Map(passwd.split('\n').map((line) => [line.split(':')[0], line.split(':')[3]]));
  const groups = new Map(group.split('\n').map((line) => [line.split(':')[2], line.split(':')[0]]));
  for (const name of ['www-data', 'nginx', 'nobody']) {
    const groupName = groups.get(accounts.get(name));
    if (groupName !== undefined && groupName !== '') return { name, group: groupName };
  }
  return undefined;
}
