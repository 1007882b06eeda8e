import { type Dimension, DIMENSIONS, type ThresholdBreach, type UsagePercent } from '@golem-provider/contracts';

/** When a dimension closes and when it opens again. */
export interface Hysteresis {
  /** A dimension closes with the last of so many consecutive samples over its limit: a peak alone closes nothing. */
  readonly closeAfterSamples: number;
  /** How many points under the limit count as under it. Low limits take half of themselves where that is less. */
  readonly marginPoints: number;
  /** A closed dimension opens once it has been under for so long without a break. */
  readonly openAfterMs: number;
}

/** Slow to close, slower to open: requestors see a host that makes up its mind. */
export const HYSTERESIS: Hysteresis = { closeAfterSamples: 3, marginPoints: 5, openAfterMs: 60_000 };

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

/** One dimension after one more sample. Exactly at the limit is neither over nor under. */
export function nextGate(gate: Gate, value: number, limit: number, nowMs: number, rule: Hysteresis = HYSTERESIS): Gate {
  if (!gate.isClosed) {
    const samplesOver = value > limit ? gate.samplesOver + 1 : 0;
    return samplesOver >= rule.closeAfterSamples ? CLOSED : { isClosed: false, samplesOver };
  }
  if (value > limit - Math.min(rule.marginPoints, limit / 2)) return CLOSED;
  const { underSinceMs } = gate;
  // A clock that was set back would otherwise keep the gate closed until it has caught up.
  if (underSinceMs === null || nowMs < underSinceMs) return { isClosed: true, underSinceMs: nowMs };
  return nowMs - underSinceMs >= rule.openAfterMs ? OPEN : gate;
}

/** All dimensions after one more sample. */
export function nextGates(
  gates: Gates,
  usage: UsagePercent,
  limits: UsagePercent,
  nowMs: number,
  rule: Hysteresis = HYSTERESIS,
): Gates {
  const next = (dimension: Dimension): Gate =>
    nextGate(gates[dimension], usage[dimension], limits[dimension], nowMs, rule);
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
