const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A program that ran this long was well; what happened before says nothing about its next death. */
const HEALTHY_AFTER_MS = 60_000;

/** How often a program has died in a row, counting the death that follows a run of `ranMs`. */
export function countDeaths(deathsBefore: number, ranMs: number): number {
  return ranMs >= HEALTHY_AFTER_MS ? 1 : deathsBefore + 1;
}

/** How long to wait before a program that died `deaths` times in a row, at least once, is started again. */
export function restartDelayMs(deaths: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 1), LONGEST_DELAY_MS);
}
