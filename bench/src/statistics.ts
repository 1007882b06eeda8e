/** Values of repeated measurements, summed up. */
export interface Summary {
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  /** Distance of the quartiles as a share of the median: how far repetitions lie apart. */
  readonly spread: number;
  readonly count: number;
}

/** The value below which a share of the sorted values lies, between two of them by their distance. Pure. */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Sums up at least one value. Pure. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const distance = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  return {
    median,
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    spread: median === 0 ? 0 : Math.abs(distance / median),
    count: values.length,
  };
}
