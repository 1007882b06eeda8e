import { isAbsolute, join } from 'node:path';

/** What an nginx program was built with, from `nginx -V`. */
export interface NginxBuild {
  readonly version: string;
  /** Against which relative paths are resolved when no `-p` is given. */
  readonly prefix: string;
  readonly pidFile: string;
  /** Where the configuration names none; undefined when that is standard error. */
  readonly errorLog: string | undefined;
  /** `dynamic`: in a file of its own, which has to be loaded. */
  readonly stream: 'static' | 'dynamic' | 'absent';
  /** Where that file lies if it is there. */
  readonly streamModule: string;
}

/** Reads the standard error of `nginx -V`. */
export function parseNginxBuild(text: string): NginxBuild {
  const version = /nginx version: \S*?\/(\S+)/.exec(text)?.[1] ?? 'unknown';
  const option = (name: string): string | undefined => new RegExp(`--${name}=(\\S+)`).exec(text)?.[1];
  const prefix = option('prefix') ?? '/usr/local/nginx';
  const under = (path: string): string => (isAbsolute(path) ? path : join(prefix, path));
  const errorLog = option('error-log-path') ?? 'logs/error.log';
  const stream = /--with-stream(?:=(dynamic))?(?:\s|$)/m.exec(text);
  return {
    version,
    prefix,
    pidFile: under(option('pid-path') ?? 'logs/nginx.pid'),
    errorLog: errorLog === 'stderr' ? undefined : under(errorLog),
    stream: stream === null ? 'absent' : stream[1] === undefined ? 'static' : 'dynamic',
    streamModule: join(under(option('modules-path') ?? 'modules'), 'ngx_stream_module.so'),
  };
}
