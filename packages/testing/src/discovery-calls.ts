import type { DiscoveryRequest } from './discovery-contract.ts';

/** What a discovery service answered. */
export interface DiscoveryReply {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a request of a case to the service at `url`. */
export async function callDiscovery(
  url: string,
  { method, path, headers, body }: DiscoveryRequest,
): Promise<DiscoveryReply> {
  const response = await fetch(url + path, {
    method,
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, body: await response.json() };
}

/**
 * Where an answer differs from what a case promises, as a path into the body; undefined where it does not. Objects may have
 * more than is promised, arrays may not.
 */
export function differenceFrom(promised: unknown, given: unknown, path = 'body'): string | undefined {
  if (promised instanceof RegExp) {
    return typeof given === 'string' && promised.test(given) ? undefined : `${path} is ${JSON.stringify(given)}`;
  }
  if (typeof promised !== 'object' || promised === null) {
    return Object.is(promised, given) ? undefined : `${path} is ${JSON.stringify(given)}`;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(promised) !== Array.isArray(given)) {
    return `${path} is ${JSON.stringify(given)}`;
  }
  if (Array.isArray(promised) && Array.isArray(given) && promised.length !== given.length) {
    return `${path} has ${given.length} entries in place of ${promised.length}`;
  }
  const found = new Map<string, unknown>(Object.entries(given));
  return Object.entries(promised)
    .map(([key, value]) => differenceFrom(value, found.get(key), `${path}.${key}`))
    .find((difference) => difference !== undefined);
}
