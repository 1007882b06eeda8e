import { z } from 'zod';
import type { RequestOutcome } from './bounded-request.ts';

/** Wait after a 429 that does not say how long: the service counts by the minute. */
const RATE_LIMIT_WAIT_MS = 60_000;
/** No service makes us wait for longer than the time after which an advertisement is lost anyway. */
const MAX_RETRY_AFTER_MS = 300_000;
const MAX_WORDS = 200;

const Refusal = z.object({ detail: z.object({ code: z.string(), message: z.string() }) });
const Invalid = z.object({
  detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })).min(1),
});

/** Keeps a stranger's words to one short line of printable characters. */
function clean(words: string): string {
  const line = words
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

/** The words of an error answer; undefined where it has none that we know. */
export function refusalWords(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const refusal = Refusal.safeParse(body);
  if (refusal.success) return clean(`${refusal.data.detail.code}: ${refusal.data.detail.message}`);
  const invalid = Invalid.safeParse(body);
  if (!invalid.success) return undefined;
  return clean(invalid.data.detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
}

/** Milliseconds of a Retry-After in seconds; other forms and nonsense count as absent. */
export function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header)
    ? Math.min(Number(header) * 1000, MAX_RETRY_AFTER_MS)
    : undefined;
}

/** Why a call came to nothing, and how long the service asked to be left alone. */
export function explainFailure(
  outcome: RequestOutcome,
  deadlineMs: number,
): { readonly reason: string; readonly retryAfterMs: number | undefined } {
  const failure = (reason: string, retryAfterMs?: number): ReturnType<typeof explainFailure> => ({
    reason: `The discovery service ${reason}.`,
    retryAfterMs,
  });
  switch (outcome.kind) {
    case 'timeout':
      return failure(`did not answer within ${deadlineMs / 1000} s`);
    case 'too_large':
      return failure('gave an answer that is too long');
    case 'unreachable':
      return failure(`is not reachable (${clean(outcome.code)})`);
    case 'answer': {
      const { status, text } = outcome;
      if (status === 429) {
        return failure('asks to wait (too many requests)', parseRetryAfter(outcome.retryAfter) ?? RATE_LIMIT_WAIT_MS);
      }
      if (status >= 300 && status < 400) return failure(`answered with a redirect (HTTP ${status})`);
      if (status < 400) return failure(`gave an answer that is not understood (HTTP ${status})`);
      const words = refusalWords(text);
      const detail = words === undefined ? `HTTP ${status}` : `HTTP ${status}, ${words}`;
      return failure(
        status >= 500 ? `failed (${detail})` : `refused (${detail})`,
        status === 503 ? parseRetryAfter(outcome.retryAfter) : undefined,
      );
    }
  }
}
