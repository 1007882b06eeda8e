import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAppError, type Logger } from '@golem-provider/service-kit';
import { type HttpLogger, pinoHttp } from 'pino-http';
import type { FindOrigin } from '../access/client-address.ts';
import { chooseRequestId, REQUEST_ID_HEADER } from './request-id.ts';

/** Questions that a supervisor asks every few seconds. */
const QUIET_PATH = /\/(?:health|ready|metrics)$/;

function pathOf(url: string | undefined): string {
  return (url ?? '').split('?')[0] ?? '';
}

function level(request: IncomingMessage, response: ServerResponse): 'debug' | 'info' | 'warn' | 'error' {
  const code = isAppError(response.err) ? response.err.code : undefined;
  if (code === 'INTERNAL') return 'error';
  if (code === 'STORE_UNAVAILABLE') return 'warn';
  return QUIET_PATH.test(pathOf(request.url)) ? 'debug' : 'info';
}

/**
 * Gives each request its id and writes one line about it when it ends: method, path, client, status, time, the code of a
 * failure, and the causes where the fault is ours. Neither headers, queries nor bodies are logged.
 */
export function requestLog(logger: Logger, findOrigin: FindOrigin): HttpLogger {
  return pinoHttp({
    logger,
    genReqId(request, response) {
      const id = chooseRequestId(request.headers['x-request-id'], randomUUID);
      response.setHeader(REQUEST_ID_HEADER, id);
      return id;
    },
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'duration_ms' },
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage) => ({
        method: request.method,
        path: pathOf(request.url),
        client: findOrigin(request).client,
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
    },
    customLogLevel: level,
    customErrorMessage: (_request, response) => (response.writableEnded ? 'request failed' : 'request aborted'),
    customErrorObject(_request, response, error, { duration_ms }: { duration_ms: number }) {
      if (!isAppError(error)) return { res: response, duration_ms };
      const isOurs = error.code === 'INTERNAL' || error.code === 'STORE_UNAVAILABLE';
      return { res: response, duration_ms, code: error.code, ...(isOurs && { err: error }) };
    },
  });
}
