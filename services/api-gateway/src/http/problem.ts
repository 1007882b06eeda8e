import { type ErrorCode, errorCodeEntry, type Problem } from '@golem-provider/contracts';
import type { AppError } from '@golem-provider/service-kit';

/** When to come again after a refusal whose author did not say. */
const RETRY_AFTER_SECONDS = 30;

/** The URI of a kind of problem. It names; it leads nowhere. */
export function problemType(code: ErrorCode): string {
  return `urn:golem-provider:error:${code.toLowerCase().replaceAll('_', '-')}`;
}

/** The problem document of an error. Of a defect of ours only the remedy is told. */
export function toProblem(error: AppError, instance: string, requestId: string): Problem {
  const { status, title, remedy } = errorCodeEntry(error.code);
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.code === 'INTERNAL' ? remedy : (error.publicDetail ?? remedy),
    instance,
    code: error.code,
    request_id: requestId,
    ...(error.fields !== undefined && { errors: [...error.fields] }),
  };
}

/** Seconds for the Retry-After header; undefined where it does not belong. */
export function retryAfter(error: AppError): number | undefined {
  const { status } = errorCodeEntry(error.code);
  return status === 503 || status === 429 ? (error.retryAfterSeconds ?? RETRY_AFTER_SECONDS) : undefined;
}
