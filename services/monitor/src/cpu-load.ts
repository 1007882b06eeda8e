/** Counters at one moment; their differences over time tell the load. */
export interface CpuCounters {
  /** Of a clock that is never set. */
  readonly atMs: number;
  /** Time of all cores together since the machine started, in any one unit. */
  readonly busy: number;
  readonly total: number;
  /** What a container may use and has used; undefined where nothing narrower than the machine is set. */
  readonly group: { readonly usedMs: number; readonly quotaCores: number } | undefined;
}

function percent(part: number, whole: number): number {
  if (!(whole > 0)) return 0;
  return Math.min(100, Math.max(0, (part / whole) * 100));
}

/**
 * Load between two moments, percent: that of the machine or, in a container with a quota, the share of the quota if that
 * is more. A container at its quota is busy on an idle machine, and one without work is slow on a busy one.
 */
export function cpuPercent(before: CpuCounters, after: CpuCounters): number {
  const machine = percent(after.busy - before.busy, after.total - before.total);
  if (before.group === undefined || after.group === undefined) return machine;
  const group = percent(after.group.usedMs - before.group.usedMs, (after.atMs - before.atMs) * after.group.quotaCores);
  return Math.max(machine, group);
}

/** The last `size` loads with one more. */
export function pushLoad(loads: readonly number[], load: number, size: number): readonly number[] {
  return [...loads, load].slice(-size);
}

/** The mean of the loads there are; 0 for none. */
export function meanLoad(loads: readonly number[]): number {
  return loads.length === 0 ? 0 : loads.reduce((sum, load) => sum + load, 0) / loads.length;
}
