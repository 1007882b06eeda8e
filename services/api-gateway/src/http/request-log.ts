import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AppError, Clock, Logger } from '@golem-provider/service-kit';
import type { Request } from 'express';
import type { FindOrigin } from '../access/client-address.ts';
import { chooseRequestId, REQUEST_ID_HEADER } from './request-id.ts';

/** Looks at each request before it is answered, and lets it pass. */
export type Observe = (request: Request, response: ServerResponse) => void;

/** Questions that a supervisor asks every few seconds. */
const QUIET_PATH = /\/(?:health|ready|metrics)$/;

interface Received {
  readonly method: string;
  readonly path: string;
  readonly client: string;
  readonly began: number;
  readonly response: ServerResponse;
}

const failures = new WeakMap<ServerResponse, AppError>();

/** Notes why a request failed, for its line in the log. */
export function noteFailure(response: ServerResponse, error: AppError): void {
  failures.set(response, error);
}

function pathOf(url: string): string {
  return url.split('?')[0] ?? '';
}

function levelOf(path: string, failure: AppError | undefined): 'debug' | 'info' | 'warn' | 'error' {
  if (failure?.code === 'INTERNAL') return 'error';
  if (failure?.code === 'STORE_UNAVAILABLE') return 'warn';
  return QUIET_PATH.test(path) ? 'debug' : 'info';
}

function outcomeOf({ writableEnded }: ServerResponse, failure: AppError | undefined): string {
  if (!writableEnded) return 'request aborted';
  return failure === undefined ? 'request completed' : 'request failed';
}

/**
 * Gives each request its id and writes one line about it when it ends: method, path, client, status, time, the code of a
 * failure, and the causes where the fault is ours. Neither headers, queries nor bodies are logged.
 *
 * By hand rather than by pino-http, which makes two loggers for each request, also where nothing is written: a tenth of the
 * time of a read.
 */
export function requestLog(logger: Logger, findOrigin: FindOrigin, clock: Pick<Clock, 'elapsed'>): Observe {
  const write = ({ method, path, client, began, response }: Received): void => {
    const failure = failures.get(response);
    const level = levelOf(path, failure);
    if (!logger.isLevelEnabled(level)) return;
    const isOurs = failure?.code === 'INTERNAL' || failure?.code === 'STORE_UNAVAILABLE';
    const line = {
      request_id: response.getHeader(REQUEST_ID_HEADER),
      req: { method, path, client },
      res: { status: response.statusCode },
      duration_ms: Math.round(clock.elapsed() - began),
      ...(failure !== undefined && { code: failure.code }),
      ...(isOurs && { err: failure }),
    };
    logger[level](line, outcomeOf(response, failure));
  };
  return (request, response) => {
    const began = clock.elapsed();
    // A connection that broke no longer tells whose it was.
    const { client } = findOrigin(request);
    // What follows may be mounted below a path, and is shown the rest of it.
    const received = { method: request.method, path: pathOf(request.originalUrl), client, began, response };
    response.setHeader(REQUEST_ID_HEADER, chooseRequestId(request.headers['x-request-id'], randomUUID));
    // After an end as well as after a broken connection.
    response.on('close', () => write(received));
  };
}
