/** The preferences of a request (RFC 7240) that this API honours. */
export interface Preferences {
  readonly respondAsync: boolean;
  /** Undefined where the requestor named no (valid) time. */
  readonly waitSeconds: number | undefined;
}

/** How long a request waits for its operation. */
export interface WaitPlan {
  /** Zero: the answer is 202 at once. */
  readonly waitMs: number;
  /** For the Preference-Applied header; undefined where no preference took effect. */
  readonly applied: string | undefined;
}

/** Reads a `Prefer` header. Preferences that are unknown or malformed are ignored, as the RFC demands; the first of a name counts. */
export function parsePrefer(header: string | undefined): Preferences {
  const preferences = new Map<string, string>();
  for (const item of (header ?? '').split(',')) {
    // What follows a semicolon are parameters, of which none is known here.
    const [preference = ''] = item.split(';');
    const [name = '', value = ''] = preference.split('=').map((part) => part.trim());
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = preferences.get('wait') ?? '';
  return {
    respondAsync: preferences.has('respond-async'),
    waitSeconds: /^\d{1,9}$/.test(wait) ? Number(wait) : undefined,
  };
}

/**
 * What `?async=` and `Prefer` mean together. The query is the plainer word and wins. `respond-async` beside `wait=N` means
 * up to N seconds. No wait is longer than `maxSeconds`; a longer one that was asked for is cut and not called applied.
 */
export function planWait(isAsync: boolean | undefined, prefer: string | undefined, maxSeconds: number): WaitPlan {
  if (isAsync === true) return { waitMs: 0, applied: undefined };
  const { respondAsync, waitSeconds } = parsePrefer(prefer);
  const isHonoured = waitSeconds !== undefined && waitSeconds <= maxSeconds;
  const applied = isHonoured ? `wait=${waitSeconds}` : undefined;
  if (respondAsync && isAsync === undefined) {
    const waitMs = isHonoured ? waitSeconds * 1000 : 0;
    return { waitMs, applied: applied === undefined ? 'respond-async' : `respond-async, ${applied}` };
  }
  return { waitMs: Math.min(waitSeconds ?? maxSeconds, maxSeconds) * 1000, applied };
}
