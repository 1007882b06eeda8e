import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { caseName, type ChaosCase } from './chaos-case.ts';
import { createRandom } from '@golem-provider/testing';
import { type CaseResult, type CaseRunner, createCaseRunner } from './run-case.ts';

/** What a run is given. */
export interface RunOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly seed: number;
  /** Told of each case that has ended. */
  readonly tell: (result: CaseResult, done: number) => void;
  /** Where the logs of a bed go on which a case has failed; nowhere without. */
  readonly evidence?: string;
  readonly signal?: AbortSignal;
}

/** Keeps what the services wrote, for whoever looks why. */
function keepLogs({ bed }: CaseRunner, evidence: string, name: string): void {
  const directory = join(evidence, name.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(directory, { recursive: true });
  for (const log of bed.logs) copyFileSync(log, join(directory, basename(log)));
}

/** Runs cases one after the other on one bed; one that has failed ends it, and the next one has a new bed. */
export async function runCases(cases: readonly ChaosCase[], options: RunOptions): Promise<CaseResult[]> {
  const { environment, seed, tell, evidence, signal } = options;
  const random = createRandom(seed);
  const results: CaseResult[] = [];
  let runner: CaseRunner | undefined;
  const end = async (): Promise<void> => {
    const left = (await runner?.bed.dispose()) ?? [];
    runner = undefined;
    if (left.length === 0) return;
    const what = `these processes were left: ${left.join('\n')}`;
    const last = results.pop();
    if (last === undefined) throw new Error(what);
    // Whichever case it was, what the others came to is told as well.
    results.push({ ...last, findings: [...last.findings, { verdict: 'leaked', what }] });
  };
  try {
    for (const chaosCase of cases) {
      if (signal?.aborted === true) break;
      runner ??= await createCaseRunner(environment, random);
      const result = await runner.run(chaosCase).catch((error: unknown): CaseResult => ({
        chaosCase,
        seconds: 0,
        ended: 'it could not be run to its end',
        findings: [{ verdict: 'stuck', what: error instanceof Error ? (error.stack ?? error.message) : String(error) }],
      }));
      results.push(result);
      tell(result, results.length);
      if (result.findings.length === 0) continue;
      if (evidence !== undefined) keepLogs(runner, evidence, caseName(chaosCase));
      await end();
    }
  } finally {
    await end();
  }
  return results;
}
