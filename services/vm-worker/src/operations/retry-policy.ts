import type { ErrorCode } from '@golem-provider/contracts';
import type { AppError } from '@golem-provider/service-kit';

/** How often an operation is tried before its failure is final. */
const MAX_ATTEMPTS = 3;

/** Failures after which another try would only take as long again. */
const NOT_WORTH_A_RETRY: ReadonlySet<ErrorCode> = new Set(['GUEST_UNREACHABLE', 'PORTS_EXHAUSTED']);

/** Whether an operation that has failed `attempts` times is tried again. Pure. */
export function isWorthRetrying(error: AppError, attempts: number): boolean {
  return error.retryable && attempts < MAX_ATTEMPTS && !NOT_WORTH_A_RETRY.has(error.code);
}
