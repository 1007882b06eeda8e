import { PROBLEM_MEDIA_TYPE } from '@golem-provider/contracts';
import { AppError, toAppError } from '@golem-provider/service-kit';
import type { ErrorRequestHandler } from 'express';
import { retryAfter, toProblem } from './problem.ts';
import { requestIdOf } from './request-id.ts';
import { noteFailure } from './request-log.ts';

/** Express throws an error with a status of its own for a path that cannot be decoded; no resource has such a name. */
function isUndecodablePath(error: unknown): boolean {
  return error instanceof URIError;
}

/** The last middleware: every error leaves as a problem document. */
export const problemHandler: ErrorRequestHandler = (caught: unknown, request, response, next) => {
  if (response.headersSent) {
    // A stream of events that could not go on; its listener comes again.
    noteFailure(response, toAppError(caught, `answering ${request.method} ${request.path}`));
    next(caught);
    return;
  }
  const doing = `answering ${request.method} ${request.path}`;
  const error = isUndecodablePath(caught)
    ? new AppError('NOT_FOUND', doing, { cause: caught })
    : toAppError(caught, doing);
  // From here the request's log line takes the code and the cause.
  noteFailure(response, error);
  const [instance = ''] = request.originalUrl.split('?');
  const problem = toProblem(error, instance, requestIdOf(response));
  const seconds = retryAfter(error);
  if (seconds !== undefined && !response.hasHeader('Retry-After')) response.set('Retry-After', String(seconds));
  response.set('Cache-Control', 'no-store');
  response.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
};
