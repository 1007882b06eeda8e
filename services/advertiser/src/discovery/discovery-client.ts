import { z } from 'zod';
import type { Advertisement } from '../advertisement.ts';
import { canonicalJson } from './canonical-json.ts';
import { explainFailure } from './answers.ts';
import type { SendRequest } from './bounded-request.ts';
import type { components } from './discovery-api.d.ts';
import type { ProviderKey } from './provider-key.ts';

/** Why a call came to nothing. */
export interface CallFailure {
  /** A sentence for people, without addresses, paths or secrets. */
  readonly reason: string;
  /** Set where the service asked to be left alone for so long. */
  readonly retryAfterMs: number | undefined;
}

/** Undefined when the call succeeded. */
export type CallOutcome = CallFailure | undefined;

/** What a look at our entry came to. `deviation`: what is wrong with it, for people. */
export type LookOutcome =
  | { readonly kind: 'shown' }
  | { readonly kind: 'deviation'; readonly reason: string }
  | { readonly kind: 'failure'; readonly failure: CallFailure };

/**
 * The discovery service, of either generation. Failures of the service or of the way there are values, never errors; a
 * call rejects only when the signal aborts.
 */
export interface DiscoveryClient {
  /** Creates or replaces the advertisement of this provider, then reads it back: success means that it is shown as sent. */
  advertise(advertisement: Advertisement, signal: AbortSignal): Promise<CallOutcome>;
  /** Whether the service shows the advertisement as it was sent; not so is no failure. */
  look(advertisement: Advertisement, signal: AbortSignal): Promise<LookOutcome>;
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
  /** How long one call may take. */
  readonly deadlineMs: number;
}

/** What both generations answer with. The older one knows no platform. */
const Shown = z.object({
  provider_id: z.string(),
  ip_address: z.string(),
  country: z.string(),
  resources: z.object({ cpu: z.int(), memory: z.int(), storage: z.int() }),
  created_at: z.string(),
  updated_at: z.string(),
  platform: z.string().nullable().exactOptional(),
}) satisfies z.ZodType<components['schemas']['Advertisement']>;
type Shown = z.infer<typeof Shown>;

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
function isUnknown(status: number, text: string): boolean {
  return status === 404 && parseAnswer(NoSuchAdvertisement, text) !== undefined;
}

function isGone(status: number, text: string): boolean {
  return status === 200 ? parseAnswer(Withdrawn, text) !== undefined : isUnknown(status, text);
}

/** What the service shows otherwise than it was sent, by the names of the fields; a platform that it drops is none. */
function deviations(shown: Shown, providerId: string, sent: Advertisement): string[] {
  return [
    ...(shown.provider_id === providerId ? [] : ['provider_id']),
    ...(shown.ip_address === sent.ip_address ? [] : ['ip_address']),
    ...(shown.country === sent.country ? [] : ['country']),
    ...(['cpu', 'memory', 'storage'] as const)
      .filter((name) => shown.resources[name] !== sent.resources[name])
      .map((name) => `resources.${name}`),
    ...((shown.platform ?? sent.platform) === sent.platform ? [] : ['platform']),
  ];
}

/** The client of the service at `url`. */
export function createDiscoveryClient(deps: DiscoveryClientDeps): DiscoveryClient {
  const { providerId, key, send, deadlineMs } = deps;
  const root = new URL(deps.url.endsWith('/') ? deps.url : `${deps.url}/`);
  const advertisements = new URL('api/v1/advertisements', root);
  const own = new URL(`${advertisements.href}/${encodeURIComponent(providerId)}`);
  // A proxy cannot reach a service on our own loopback.
  const mayUseProxy = !LOOPBACK.test(root.hostname);
  const headers = (signed: string): Record<string, string> => ({
    'X-Provider-ID': providerId,
    'X-Provider-Signature': key.sign(signed),
  });

  const failed = (failure: CallFailure): LookOutcome => ({ kind: 'failure', failure });
  const look = async (sent: Advertisement, signal: AbortSignal): Promise<LookOutcome> => {
    const outcome = await send({ method: 'GET', url: own, deadlineMs, mayUseProxy }, signal);
    if (outcome.kind === 'answer' && isUnknown(outcome.status, outcome.text)) {
      return { kind: 'deviation', reason: 'The discovery service does not show the advertisement.' };
    }
    if (outcome.kind !== 'answer' || outcome.status !== 200) return failed(explainFailure(outcome, deadlineMs));
    const shown = parseAnswer(Shown, outcome.text);
    if (shown === undefined) return failed(explainFailure(outcome, deadlineMs));
    const fields = deviations(shown, providerId, sent);
    if (fields.length === 0) return { kind: 'shown' };
    return { kind: 'deviation', reason: `The discovery service shows another ${fields.join(', ')} than was sent.` };
  };

  return {
    look,

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
      if (parseAnswer(Shown, outcome.text)?.provider_id !== providerId) return explainFailure(outcome, deadlineMs);
      const seen = await look(advertisement, signal);
      switch (seen.kind) {
        case 'shown':
          return undefined;
        case 'deviation':
          return { reason: seen.reason, retryAfterMs: undefined };
        case 'failure':
          return seen.failure;
      }
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
