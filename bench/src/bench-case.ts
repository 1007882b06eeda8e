import type { Summary } from './statistics.ts';

/** One figure of a case, beside its floor and its goal. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: Summary;
  /** The same work by the least that could do it, measured in the same run; undefined where nothing compares. */
  readonly floor?: Summary;
  /** Ours over the floor, by medians. */
  readonly ratio?: number;
  /** What of ours the goal is about. */
  readonly by?: 'median' | 'p95';
  /** In words. */
  readonly goal: string;
  readonly isMet: boolean;
  /** What a reader should know about it. */
  readonly note?: string;
}

/** What a case works with. */
export interface BenchContext {
  /** The root of the workspace, compiled. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Tells how far it is. */
  readonly tell: (line: string) => void;
}

/** A case: sets up what it needs, measures, and takes everything down. */
export interface BenchCase {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<Figure[]>;
}

/** A figure that is to be at least, or at most, so many times its floor. */
export function againstFloor(
  what: string,
  unit: string,
  { ours, floor }: { readonly ours: Summary; readonly floor: Summary },
  bound: { readonly atLeast: number } | { readonly atMost: number },
): Figure {
  const ratio = ours.median / floor.median;
  const isMet = 'atLeast' in bound ? ratio >= bound.atLeast : ratio <= bound.atMost;
  const goal = 'atLeast' in bound ? `at least ${bound.atLeast}x the floor` : `at most ${bound.atMost}x the floor`;
  return { what, unit, ours, floor, ratio, goal, isMet };
}

/** A figure whose median (or `p95`) is to stay at or under a limit. */
export function under(
  what: string,
  unit: string,
  ours: Summary,
  limit: number,
  by: 'median' | 'p95' = 'median',
): Figure {
  return {
    what,
    unit,
    ours,
    by,
    goal: `${by === 'p95' ? 'p95 ' : ''}at most ${limit} ${unit}`,
    isMet: ours[by] <= limit,
  };
}

/** Runs two measurements in turns, so that both meet the machine in the same moods. */
export async function alternate(
  rounds: number,
  floor: () => Promise<number>,
  ours: () => Promise<number>,
): Promise<{ ours: number[]; floor: number[] }> {
  const values: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
  for (let round = 0; round < rounds; round += 1) {
    values.floor.push(await floor());
    values.ours.push(await ours());
  }
  return values;
}
