/** How failed calls are spaced. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait after so many failures in a row: doubles from `firstMs` up to `maxMs`, less up to half of it by chance, so that
 * providers that lost the service together do not come back together. `random` is in [0, 1).
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (1 - random / 2));
}
