import { join } from 'node:path';
import { errorChain } from '@golem-provider/service-kit';
import { parseLogLine, renderLogLine, type RenderOptions, toJsonLine } from './log-line.ts';
import { createRotatingFile, type RotatingFile } from './rotating-file.ts';

/** Takes the lines of all services: to `<directory>/<service>.log` as JSON, and to the output. */
export interface LogSink {
  line(service: string, line: string): void;
  close(): void;
}

/** Where the lines go. */
export interface LogSinkOptions {
  readonly directory: string;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Lines for people; undefined: JSON. */
  readonly render: RenderOptions | undefined;
}

const LIMITS = { maxBytes: 10 * 1024 * 1024, kept: 3 };

/** See `LogSink`. A file that cannot be written is told of once on the output, which goes on. */
export function createLogSink({ directory, write, render }: LogSinkOptions): LogSink {
  const files = new Map<string, RotatingFile>();
  const failing = new Set<string>();
  const keep = (service: string, line: string): void => {
    try {
      const file = files.get(service) ?? createRotatingFile(join(directory, `${service}.log`), LIMITS);
      files.set(service, file);
      file.write(line);
      failing.delete(service);
    } catch (error) {
      if (!failing.has(service)) write(`the log of ${service} cannot be written: ${errorChain(error)}\n`);
      failing.add(service);
    }
  };
  return {
    line(service, line) {
      const now = new Date().toISOString();
      const json = toJsonLine(service, line, now);
      keep(service, json);
      write(`${render === undefined ? json : renderLogLine(service, parseLogLine(line, now), render)}\n`);
    },
    close() {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}
