import type { ErrorCode } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { CommandFailure, type CommandResult, type CommandRunner, type CommandSpec } from './command-runner.ts';

const MAX_PUBLIC_LENGTH = 300;
const DISK_FULL = 'The disk of the host is full.';

/** What a requestor may read of a program's words: its last lines without paths and control characters, cut to 300 characters. */
export function cleanWords(text: string): string {
  const words = text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/(?<![\w.])(?:~|\.{1,2})?\/[^\s'",:;)]+/g, '<path>')
    .replace(/ {2,}/g, ' ')
    .trim();
  return words.length > MAX_PUBLIC_LENGTH ? `…${words.slice(-MAX_PUBLIC_LENGTH)}` : words;
}

/** Whether a text or an error says that there is no room left. */
export function saysDiskFull(failure: unknown): boolean {
  if (typeof failure === 'string') return /no space left on device|disk quota exceeded/i.test(failure);
  return failure instanceof Error && 'code' in failure && (failure.code === 'ENOSPC' || failure.code === 'EDQUOT');
}

/** The error for a program that gave no exit code. */
function toolFailure(failure: CommandFailure, program: string, doing: string): AppError {
  switch (failure.reason) {
    case 'not_started':
      return new AppError('HYPERVISOR_UNAVAILABLE', `${doing}: ${program} cannot be started; is it installed?`, {
        cause: failure,
      });
    case 'timed_out':
      return new AppError('HYPERVISOR_TIMEOUT', doing, { cause: failure });
    case 'killed':
      return new AppError('HYPERVISOR_FAILED', doing, { cause: failure });
  }
}

/** A file operation's failure as the error to throw: that the disk is full is said in words. */
export function fileFailure(cause: unknown, doing: string, code: ErrorCode = 'HYPERVISOR_FAILED'): AppError {
  return new AppError(code, doing, { cause, ...(saysDiskFull(cause) && { publicDetail: DISK_FULL }) });
}

/**
 * Runs one of the hypervisor's helper programs and gives its result when it ended with 0.
 *
 * @throws AppError `HYPERVISOR_FAILED` with the program's words, `HYPERVISOR_TIMEOUT`, or `HYPERVISOR_UNAVAILABLE` where it is
 *   not installed; the signal's reason when the caller aborted.
 */
export async function runTool(
  run: CommandRunner,
  command: CommandSpec,
  doing: string,
  signal: AbortSignal,
): Promise<CommandResult> {
  let result: CommandResult;
  try {
    result = await run(command, { signal });
  } catch (error) {
    if (error instanceof CommandFailure) throw toolFailure(error, command.program, doing);
    throw error;
  }
  if (result.exitCode === 0) return result;
  const words = result.stderr.trim();
  throw new AppError('HYPERVISOR_FAILED', `${doing}: ${command.program} ended with ${result.exitCode}: ${words}`, {
    publicDetail: saysDiskFull(words) ? DISK_FULL : cleanWords(words),
  });
}
