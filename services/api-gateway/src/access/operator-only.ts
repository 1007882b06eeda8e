import type { RequestHandler } from 'express';
import { authorize } from './authorize.ts';
import { callerOf } from './caller.ts';

/** Lets pass only the operator: who calls from this machine, directly, or has the operator token. Others get 401 or 403. */
export const operatorOnly: RequestHandler = (request, response, next) => {
  // Neither the mode nor API keys change who is the operator.
  authorize('operator', callerOf(request), { mode: 'token', needsApiKey: true }, response);
  next();
};
