import { fileURLToPath } from 'node:url';
import { AppError } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { CommandFailure } from '../exec/command-runner.ts';

const SCRIPT = fileURLToPath(new URL('../../image/debian-12/build.sh', import.meta.url));
/** It takes some three minutes on two cores, and the packages come over the network. */
const TIMEOUT_MS = 3_600_000;

/** Comes with a build. */
export interface BuildContext {
  readonly signal: AbortSignal;
  /** Called with the name of each stage as it begins. */
  readonly onStage: (stage: string) => void;
}

/** Calls back with each `stage: …` line of a text that comes in pieces. */
export function stageListener(onStage: (stage: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-1024);
    for (const line of lines) {
      const stage = /^stage: (.+)$/.exec(line)?.[1];
      if (stage !== undefined) onStage(stage);
    }
  };
}

/**
 * Builds the Debian 12 image from Debian packages into a directory, which appears whole or not at all; does nothing where it
 * is already. Builds of the same directory wait for each other. Needs root.
 *
 * @throws AppError `IMAGE_UNAVAILABLE` with the script's last words; the signal's reason.
 */
export async function buildDebianImage(
  run: CommandRunner,
  directory: string,
  { signal, onStage }: BuildContext,
): Promise<void> {
  const command = { program: SCRIPT, args: [directory], timeoutMs: TIMEOUT_MS };
  let words: string;
  try {
    const { exitCode, stderr } = await run(command, { signal, onStdout: stageListener(onStage) });
    if (exitCode === 0) return;
    words = stderr.trim().split('\n').slice(-5).join('\n');
  } catch (cause) {
    if (cause instanceof CommandFailure) throw new AppError('IMAGE_UNAVAILABLE', 'building debian:12', { cause });
    throw cause;
  }
  throw new AppError('IMAGE_UNAVAILABLE', `building debian:12: ${words}`);
}
