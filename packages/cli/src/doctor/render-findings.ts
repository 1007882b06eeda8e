import type { Finding } from '@golem-provider/contracts';

const MARKS = { ok: 'ok', warning: 'warn', problem: 'FAIL' } as const satisfies Record<Finding['verdict'], string>;

/** Adds colour to a mark, or leaves it as it is. */
export type Paint = (verdict: Finding['verdict'], text: string) => string;

/** What was found, a line each, with what to do below what is not well, and a summary. Pure. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(0, ...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, verdict, detail, remedy }) => [
    `${paint(verdict, MARKS[verdict].padEnd(4))}  ${name.padEnd(width)}  ${detail}`,
    ...(remedy === null ? [] : [`${' '.repeat(8 + width)}→ ${remedy}`]),
  ]);
  const count = (verdict: Finding['verdict']): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const summary =
    count('problem') > 0
      ? `${count('problem')} to be mended, ${count('warning')} to be looked at.`
      : count('warning') > 0
        ? `The provider can work; ${count('warning')} to be looked at.`
        : 'All is well.';
  return `${lines.join('\n')}\n\n${summary}\n`;
}
