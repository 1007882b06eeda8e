import type { JobProgress } from '../api/follow-job.ts';

/** Tells of every new phase once, with the seconds since the beginning, and of every tenth percent of a phase. */
export function createProgressTeller(
  tell: (line: string) => void,
  elapsedMs: () => number,
): (progress: JobProgress) => void {
  const began = elapsedMs();
  let last = '';
  return ({ phase, progress }) => {
    const tenths = progress === null ? null : Math.floor(progress / 10) * 10;
    const line = `${phase.replaceAll('_', ' ')}${tenths === null ? '' : `, ${tenths} %`}`;
    if (line === last) return;
    last = line;
    tell(`${((elapsedMs() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  };
}
