import type { IncomingMessage } from 'node:http';
import { AppError } from '@golem-provider/service-kit';
import type { RequestHandler } from 'express';
import { clientAddress, isLoopback } from './client-address.ts';

const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded'] as const;

/** Whether a `Host` header names this machine itself; a page of another site that was made to resolve to it does not. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || isLoopback(name);
}

/** Whether the page that sent a request, if a page did, is our own: another site's may call us from the operator's browser. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || (host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`);
}

function isOperator(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  return (
    isLoopback(clientAddress(request)) &&
    isLoopbackHost(host) &&
    isOwnOrigin(origin, host) &&
    FORWARDING_HEADERS.every((name) => request.headers[name] === undefined)
  );
}

/** Lets pass only who calls from this machine, directly: what a proxy forwards may come from anywhere. Others get 403. */
export const operatorOnly: RequestHandler = (request, _response, next) => {
  next(
    isOperator(request)
      ? undefined
      : new AppError('FORBIDDEN', 'something of the operator was asked for from elsewhere'),
  );
};
