import { inspect } from 'node:util';
import { type ErrorCode, errorCodeEntry, type FieldProblem } from '@golem-provider/contracts';

/** What an error may carry beside its message. */
export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Shown to requestors. Without it they see the title of the code only. Never a path, a secret or a stack. */
  readonly publicDetail?: string;
  /** Overrides the table where this very failure is known to be final, or to pass. */
  readonly retryable?: boolean;
  /** For the Retry-After header. */
  readonly retryAfterSeconds?: number;
  /** The invalid fields of a request. */
  readonly fields?: readonly FieldProblem[];
}

const MARK = Symbol.for('golem-provider.AppError');

/**
 * The one error class. `message` says what was being done and is for the log, together with `cause`; `publicDetail` is for
 * requestors. Callers decide by `code`, never by text.
 */
export class AppError extends Error {
  readonly [MARK] = true;
  readonly code: ErrorCode;
  readonly publicDetail: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: readonly FieldProblem[] | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.publicDetail = options.publicDetail;
    this.retryable = options.retryable ?? errorCodeEntry(code).retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.fields = options.fields;
  }
}

/** Whether a caught value is an `AppError`, also one of another copy of this package. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && MARK in error;
}

/** Turns whatever was caught into an `AppError`; what is not one already is a defect of ours. For the outer boundaries. */
export function toAppError(error: unknown, doing: string): AppError {
  return isAppError(error) ? error : new AppError('INTERNAL', doing, { cause: error });
}

/** The text of an error and of its causes, outermost first, for a log line or a record that has room for one string. */
export function errorChain(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth += 1) {
    parts.push(current instanceof Error ? current.message : inspect(current, { depth: 1 }));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(': ');
}

/** Whether an error is the sign that a caller aborted, not a failure. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
