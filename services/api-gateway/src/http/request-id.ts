import type { OutgoingMessage } from 'node:http';

/** Carries the id of a request both ways. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** The id that a client gave a request, if it is one that may stand in logs and records; otherwise a new one. */
export function chooseRequestId(given: string | string[] | undefined, make: () => string): string {
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : make();
}

/** The id of the request that a response answers. */
export function requestIdOf(response: OutgoingMessage): string {
  return String(response.getHeader(REQUEST_ID_HEADER));
}
