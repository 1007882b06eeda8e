/** How long one call to the discovery service may take. */
export const CALL_DEADLINE_MS = 5000;
/** How failed calls are spaced. */
export const BACKOFF = { firstMs: 1000, maxMs: 4000 } as const;
/** Between two looks at the records. */
export const POLL_MS = 3000;
/** Between two looks at our entry, at one of the looks at the records. */
export const LOOK_MS = 6000;
/** From the first of several changes to the call that tells of all. */
export const DEBOUNCE_MS = 1000;
/** A stop does not hang on a service that is gone: the advertisement expires by itself. */
export const LAST_WITHDRAWAL_MS = 3000;
