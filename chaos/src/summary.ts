import { caseName, type FaultName, OPERATIONS, type OperationName } from './chaos-case.ts';
import { VERDICTS } from './judge.ts';
import type { CaseResult } from './run-case.ts';

/** What came of a run. */
export interface Summary {
  readonly seed: number;
  readonly minutes: number;
  readonly cases: number;
  readonly lost: number;
  readonly leaked: number;
  readonly doubled: number;
  readonly stuck: number;
  readonly missed: number;
  readonly results: readonly CaseResult[];
}

type Counts = Pick<Summary, 'cases' | (typeof VERDICTS)[number]>;

/** Cases with at least one finding of each kind. */
function count(results: readonly CaseResult[]): Counts {
  const of = (verdict: (typeof VERDICTS)[number]): number =>
    results.filter(({ findings }) => findings.some((finding) => finding.verdict === verdict)).length;
  return {
    cases: results.length,
    lost: of('lost'),
    leaked: of('leaked'),
    doubled: of('doubled'),
    stuck: of('stuck'),
    missed: of('missed'),
  };
}

/** Counts what came of a run. */
export function summarise(seed: number, seconds: number, results: readonly CaseResult[]): Summary {
  return { seed, minutes: Math.round(seconds / 6) / 10, ...count(results), results };
}

/** Whether all VMs are as they should be after every case, each met its fault, and there was one at all. */
export function isGood(summary: Summary): boolean {
  return summary.cases > 0 && VERDICTS.every((verdict) => summary[verdict] === 0);
}

const HEAD = ['operation', 'fault', 'cases', ...VERDICTS, 'slowest'];

function row(operation: string, fault: string, results: readonly CaseResult[]): string[] {
  const counts = count(results);
  const slowest = Math.max(0, ...results.map(({ seconds }) => seconds));
  return [
    operation,
    fault,
    ...[counts.cases, ...VERDICTS.map((verdict) => counts[verdict])].map(String),
    `${slowest.toFixed(1)} s`,
  ];
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((cells) => cells.map(pad).join('  '));
}

/** The table of a run: a line for each operation and fault, the sum, the seed, and what every bad case has found. Pure. */
export function renderSummary(summary: Summary): string {
  const { seed, minutes, results } = summary;
  const faults: FaultName[] = [...new Set(results.map(({ chaosCase }) => chaosCase.fault))].sort();
  const of = (operation: OperationName, fault: FaultName): CaseResult[] =>
    results.filter(({ chaosCase }) => chaosCase.operation === operation && chaosCase.fault === fault);
  const rows = OPERATIONS.flatMap((operation) =>
    faults
      .map((fault) => ({ fault, some: of(operation, fault) }))
      .filter(({ some }) => some.length > 0)
      .map(({ fault, some }) => row(operation, fault, some)),
  );
  const bad = results.filter(({ findings }) => findings.length > 0);
  return [
    ...align([HEAD, ...rows, row('all', '', results)]),
    '',
    ...bad.flatMap(({ chaosCase, ended, findings }) => [
      `${caseName(chaosCase)} (${ended})`,
      ...findings.map(({ verdict, what }) => `  ${verdict}: ${what}`),
    ]),
    `${summary.cases} cases, ${VERDICTS.map((verdict) => `${summary[verdict]} ${verdict}`).join(', ')}; seed ${seed}; ${minutes} min`,
    '',
  ].join('\n');
}
