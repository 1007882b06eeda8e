import { z } from 'zod';
import type { Advertisement } from '../advertisement.ts';
import { canonicalJson } from './canonical-json.ts';
import { explainFailure } from './answers.ts';
import type { SendRequest } from './bounded-request.ts';
import type { components } from './discovery-api.d.ts';
import type { ProviderKey } from './provider-key.ts';

/** How long one call may take. */
const CALL_DEADLINE_MS = 10_000;

/** Why a call came to nothing. */
export interface CallFailure {
  /** A sentence for people, without addresses, paths or secrets. */
  readonly reason: string;
  /** Set where the service asked to be left alone for so long. */
  readonly retryAfterMs: number | undefined;
}

/** Undefined when the call succeeded. */
export type CallOutcome = CallFailure | undefined;

/**
 * The discovery service, of either generation. Failures of the service or of the way there are values, never errors; a
 * call rejects only when the signal aborts.
 */
export interface DiscoveryClient {
  /** Creates or replaces the advertisement of this provider. */
  advertise(advertisement: Advertisement, signal: AbortSignal): Promise<CallOutcome>;
  /** Removes it; that there is none is as good. */
  withdraw(signal: AbortSignal, deadlineMs?: number): Promise<CallOutcome>;
}

/** What a client works with. */
export interface DiscoveryClientDeps {
  /** The service's address; a path in it is kept. */
  readonly url: string;
  readonly providerId: string;
  readonly key: ProviderKey;
  readonly send: SendRequest;
  readonly deadlineMs?: number;
}

/** The part of an accepted advertisement that both generations answer with. */
const Accepted = z.object({
  provider_id: z.string(),
  ip_address: z.string(),
  country: z.string(),
  resources: z.object({ cpu: z.int(), memory: z.int(), storage: z.int() }),
  created_at: z.string(),
  updated_at: z.string(),
}) satisfies z.ZodType<Omit<components['schemas']['Advertisement'], 'platform'>>;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The answer's text by a schema; undefined where it does not fit. */
function parseAnswer<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const Withdrawn = z.object({ status: z.literal('success') });
const NoSuchAdvertisement = z.object({ detail: z.object({ code: z.literal('ADV_004') }) });

/** A 404 of anything but the service itself (a wrong path, another server) says nothing about the advertisement. */
function isGone(status: number, text: string): boolean {
  if (status === 200) return parseAnswer(Withdrawn, text) !== undefined;
  return status === 404 && parseAnswer(NoSuchAdvertisement, text) !== undefined;
}

/** The client of the service at `url`. */
export function createDiscoveryClient(deps: DiscoveryClientDeps): DiscoveryClient {
  const { providerId, key, send } = deps;
  const root = new URL(deps.url.endsWith('/') ? deps.url : `${deps.url}/`);
  const advertisements = new URL('api/v1/advertisements', root);
  const own = new URL(`${advertisements.href}/${encodeURIComponent(providerId)}`);
  const deadlineMs = deps.deadlineMs ?? CALL_DEADLINE_MS;
  // A proxy cannot reach a service on our own loopback.
  const mayUseProxy = !LOOPBACK.test(root.hostname);
  const headers = (signed: string): Record<string, string> => ({
    'X-Provider-ID': providerId,
    'X-Provider-Signature': key.sign(signed),
  });

  return {
    async advertise(advertisement, signal) {
      const wanted: components['schemas']['AdvertisementRequest'] = advertisement;
      const body = canonicalJson(wanted);
      const outcome = await send(
        {
          method: 'POST',
          url: advertisements,
          headers: { ...headers(body), 'Content-Type': 'application/json' },
          body,
          deadlineMs,
          mayUseProxy,
        },
        signal,
      );
      if (outcome.kind !== 'answer' || outcome.status !== 200) return explainFailure(outcome, deadlineMs);
      if (parseAnswer(Accepted, outcome.text)?.provider_id === providerId) return undefined;
      return { reason: 'The discovery service gave an answer that is not understood.', retryAfterMs: undefined };
    },

    async withdraw(signal, withdrawDeadlineMs = deadlineMs) {
      const outcome = await send(
        {
          method: 'DELETE',
          url: own,
          headers: headers(canonicalJson({ provider_id: providerId })),
          deadlineMs: withdrawDeadlineMs,
          mayUseProxy,
        },
        signal,
      );
      if (outcome.kind === 'answer' && isGone(outcome.status, outcome.text)) return undefined;
      return explainFailure(outcome, withdrawDeadlineMs);
    },
  };
}
