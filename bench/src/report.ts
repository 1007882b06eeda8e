import type { Figure } from './bench-case.ts';

/** The figures of one case, or why it could not be measured. */
export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  readonly failure?: string;
}

/** A number with as many digits as say something. */
export function shorten(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

function row({ what, unit, ours, floor, ratio, goal, isMet }: Figure): string[] {
  return [
    what,
    `${shorten(ours.median)} ${unit}`,
    ours.count === 1 ? '-' : `${shorten(ours.p95)} ${unit}`,
    ours.count === 1 ? '-' : `±${(ours.spread * 50).toFixed(0)} %`,
    floor === undefined ? '-' : `${shorten(floor.median)} ${unit}`,
    ratio === undefined ? '-' : `${ratio.toFixed(2)}x`,
    goal,
    isMet ? 'met' : 'MISSED',
  ];
}

const HEAD = ['figure', 'ours', 'p95', 'spread', 'floor', 'ratio', 'goal', ''];

/** The results as a table in Markdown, and a line for each goal missed. Pure. */
export function renderReport(results: readonly CaseResult[]): string {
  const rows = results.flatMap(({ figures }) => figures.map(row));
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const missed = results.flatMap(({ name, figures, failure }) => [
    ...(failure === undefined ? [] : [`${name}: could not be measured: ${failure}`]),
    ...figures
      .filter(({ isMet }) => !isMet)
      .map(({ what, ours, unit, goal, ratio, by = 'median' }) => {
        const value = ratio === undefined ? `${shorten(ours[by])} ${unit}` : `${ratio.toFixed(2)}x`;
        return `${name}: ${what}: ${value}, the goal is ${goal}`;
      }),
  ]);
  const notes = results.flatMap(({ figures }) =>
    figures.flatMap(({ what, note }) => (note === undefined ? [] : [`${what}: ${note}`])),
  );
  return [
    line(HEAD),
    rule,
    ...rows.map(line),
    '',
    ...notes,
    ...(missed.length === 0 ? ['Every goal is met.'] : ['Goals missed:', ...missed]),
    '',
  ].join('\n');
}
