import type { Settings } from '@golem-provider/contracts';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { errorChain, isAppError } from './app-error.ts';

export type { Logger } from 'pino';

// Belt and braces: no such field is ever logged on purpose.
const SECRET_FIELDS = ['private_key', 'privateKey', 'password', 'authorization', 'token', 'cloud_init', 'userData'];
const REDACTED = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** Loaded where there is a terminal to write to; each service of a node, which has none, does without a MiB. */
const pretty = process.stdout.isTTY ? await import('pino-pretty') : undefined;

/** What a logger needs to know. */
export interface LoggerOptions {
  readonly name: string;
  readonly level: string;
  /** Lines for people instead of JSON, where standard output is a terminal. */
  readonly pretty: boolean;
}

/** How a service logs by its settings: JSON unless its output is a terminal. */
export function loggerOptions(
  name: string,
  settings: Pick<Settings, 'DEBUG' | 'LOG_LEVEL'>,
  isTerminal: boolean,
): LoggerOptions {
  return { name, level: settings.LOG_LEVEL ?? (settings.DEBUG ? 'debug' : 'info'), pretty: isTerminal };
}

/** A logger to standard output. An `err` field is printed with its code and whole chain of causes; secrets are redacted. */
export function createLogger(options: LoggerOptions, destination?: DestinationStream): Logger {
  const pinoOptions = {
    name: options.name,
    level: options.level,
    base: { service: options.name },
    redact: { paths: REDACTED, censor: '[secret]' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: {
      err: (error: Error) => ({
        ...(isAppError(error) && { code: error.code }),
        chain: errorChain(error),
        stack: stdSerializers.errWithCause(error).stack,
      }),
    },
  };
  if (destination !== undefined) return pino(pinoOptions, destination);
  if (!options.pretty || pretty === undefined) return pino(pinoOptions);
  return pino(pinoOptions, pretty.PinoPretty({ ignore: 'service,name', sync: true }));
}
