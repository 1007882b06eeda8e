import { type Dimension, DIMENSIONS, type ThresholdBreach, type UsagePercent } from '@golem-provider/contracts';

/** When a dimension closes and when it opens again: slow to close and slower to open, so that a host makes up its mind. */
export interface Hysteresis {
  /** A dimension closes with the last of so many consecutive samples over its limit: a peak alone closes nothing. */
  readonly closeAfterSamples: number;
  /** How many points under the limit count as under it. Low limits take half of themselves where that is less. */
  readonly marginPoints: number;
  /** A closed dimension opens once it has been under for so long without a break. */
  readonly openAfterMs: number;
}

/** One dimension: open, with how many samples over the limit came last; or closed, with since when it has been under. */
export type Gate =
  | { readonly isClosed: false; readonly samplesOver: number }
  | { readonly isClosed: true; readonly underSinceMs: number | null };

/** All dimensions. */
export type Gates = Readonly<Record<Dimension, Gate>>;

const OPEN: Gate = { isClosed: false, samplesOver: 0 };
const CLOSED: Gate = { isClosed: true, underSinceMs: null };

/** The gates of a monitor that starts: those that its predecessor left closed still are. */
export function initialGates(breaches: readonly ThresholdBreach[]): Gates {
  const gate = (dimension: Dimension): Gate =>
    breaches.some((breach) => breach.dimension === dimension) ? CLOSED : OPEN;
  return { cpu: gate('cpu'), memory: gate('memory'), storage: gate('storage') };
}

/** One dimension after one more sample, `atMs` by a clock that is never set. At the limit is neither over nor under. */
export function nextGate(gate: Gate, value: number, limit: number, atMs: number, rule: Hysteresis): Gate {
  if (!gate.isClosed) {
    const samplesOver = value > limit ? gate.samplesOver + 1 : 0;
    return samplesOver >= rule.closeAfterSamples ? CLOSED : { isClosed: false, samplesOver };
  }
  if (value > limit - Math.min(rule.marginPoints, limit / 2)) return CLOSED;
  const { underSinceMs } = gate;
  const sinceMs = underSinceMs ?? atMs;
  return atMs - sinceMs >= rule.openAfterMs ? OPEN : { isClosed: true, underSinceMs: sinceMs };
}

/** All dimensions after one more sample. */
export function nextGates(
  gates: Gates,
  usage: UsagePercent,
  limits: UsagePercent,
  atMs: number,
  rule: Hysteresis,
): Gates {
  const next = (dimension: Dimension): Gate =>
    nextGate(gates[dimension], usage[dimension], limits[dimension], atMs, rule);
  return { cpu: next('cpu'), memory: next('memory'), storage: next('storage') };
}

/** The closed dimensions as breaches, in the order of `DIMENSIONS`. */
export function breachesOf(gates: Gates, usage: UsagePercent, limits: UsagePercent): ThresholdBreach[] {
  return DIMENSIONS.filter((dimension) => gates[dimension].isClosed).map((dimension) => ({
    dimension,
    value: usage[dimension],
    limit: limits[dimension],
  }));
}
