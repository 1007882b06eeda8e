import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@golem-provider/service-kit';
import express, { type RequestHandler } from 'express';

/** No request of this API needs more. */
const MAX_BODY_BYTES = 64 * 1024;

const MEDIA_TYPE = 'application/json';

function typeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
}

/** What a failure of the body parser means to the requestor. */
function bodyError(error: unknown): AppError {
  const doing = 'reading the body';
  switch (typeOf(error)) {
    case 'entity.too.large':
      return new AppError('BODY_TOO_LARGE', doing, { cause: error });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new AppError('UNSUPPORTED_MEDIA_TYPE', doing, {
        cause: error,
        publicDetail: 'Send the body in UTF-8 and without Content-Encoding.',
      });
    case 'entity.parse.failed':
    case 'entity.verify.failed':
    case 'request.size.invalid':
    case 'request.aborted':
      return new AppError('MALFORMED_JSON', doing, { cause: error });
    default:
      return new AppError('INTERNAL', doing, { cause: error });
  }
}

function refuseEmpty(_request: IncomingMessage, _response: ServerResponse, body: Buffer): void {
  // The parser would take it for an empty object.
  if (body.length === 0) throw new Error('the body is empty');
}

/** Reads a JSON body of any kind into `request.body`. Errors: 400, 413, 415. */
export function jsonBody(): RequestHandler {
  const parse: RequestHandler = express.json({
    type: MEDIA_TYPE,
    limit: MAX_BODY_BYTES,
    strict: false,
    // A compressed body of 64 KiB could hold far more work than that.
    inflate: false,
    verify: refuseEmpty,
  });
  return (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding === undefined && (length ?? '0') === '0') {
      next(new AppError('MALFORMED_JSON', 'reading the body: there is none'));
    } else if (request.is(MEDIA_TYPE) === false) {
      next(new AppError('UNSUPPORTED_MEDIA_TYPE', 'reading the body'));
    } else {
      parse(request, response, (error?: unknown) => next(error === undefined ? undefined : bodyError(error)));
    }
  };
}
