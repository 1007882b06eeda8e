import { z } from 'zod';

interface ErrorCodeEntry {
  /** HTTP status with which the code reaches a requestor. */
  readonly status: number;
  /** Short, the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
  /** Whether the same attempt may succeed later without a change by anyone. */
  readonly retryable: boolean;
  /** What the reader of the error can do about it; printed in the docs and appended to problems. */
  readonly remedy: string;
}

/**
 * Every failure that this software tells apart. The HTTP status, the retry policy, the metric label and the table in
 * `docs/errors.md` all come from here. Codes are part of the API: they are added, never renamed.
 */
export const ERROR_CODES = {
  MALFORMED_JSON: {
    status: 400,
    title: 'The body is not JSON',
    retryable: false,
    remedy: 'Send a JSON object with Content-Type application/json.',
  },
  INVALID_REQUEST: {
    status: 422,
    title: 'The request has invalid fields',
    retryable: false,
    remedy: 'Correct the fields that `errors` names and send it again.',
  },
  UNAUTHORIZED: {
    status: 401,
    title: 'Authentication is needed',
    retryable: false,
    remedy:
      'Send `Authorization: Bearer` with the owner_token that the creation of the VM returned; to create VMs here, with an API key.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'The token does not allow this',
    retryable: false,
    remedy: 'Call from the host itself or send the operator token.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no such resource',
    retryable: false,
    remedy: 'Check the path and the id.',
  },
  VM_NOT_FOUND: {
    status: 404,
    title: 'There is no such VM',
    retryable: false,
    remedy: 'Check the id; a deleted VM is gone for good.',
  },
  JOB_NOT_FOUND: {
    status: 404,
    title: 'There is no such job',
    retryable: false,
    remedy: 'Check the id; jobs are kept for seven days after their end.',
  },
  SSH_KEY_NOT_FOUND: {
    status: 404,
    title: 'The VM has no key of this name',
    retryable: false,
    remedy: 'Check the name; the list of keys has all of them.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The method is not allowed here',
    retryable: false,
    remedy: 'Use one of the methods in the Allow header.',
  },
  VM_STATE_CONFLICT: {
    status: 409,
    title: 'The VM is not in a state that allows this',
    retryable: false,
    remedy: 'Read the status of the VM and try again when it fits.',
  },
  VM_INTERRUPTED: {
    status: 409,
    title: 'The machine of the VM is not as it should be',
    retryable: true,
    remedy: 'The message says what was found and what is being done; start, stop or delete the VM to decide otherwise.',
  },
  VM_LOST: {
    status: 409,
    title: 'The machine of the VM is lost',
    retryable: false,
    remedy: 'It is gone from the hypervisor, and its disk with it; delete the VM and create a new one.',
  },
  SSH_KEY_NAME_TAKEN: {
    status: 409,
    title: 'Another key has this name',
    retryable: false,
    remedy: 'Choose another name or remove the key first.',
  },
  SSH_KEY_DUPLICATE: {
    status: 409,
    title: 'The VM has this key already',
    retryable: false,
    remedy: 'Use it under the name that it has, or remove it first.',
  },
  SSH_KEYS_EXHAUSTED: {
    status: 409,
    title: 'The VM has as many keys as it may',
    retryable: false,
    remedy: 'Remove a key first.',
  },
  OPERATION_CANCELLED: {
    status: 409,
    title: 'The operation was cancelled',
    retryable: false,
    remedy: 'A later change of the VM overtook it; read the VM, and create a new one if it was deleted.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The resource has changed',
    retryable: false,
    remedy: 'Read it again and send the new ETag.',
  },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', retryable: false, remedy: 'Send at most 64 KiB.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The media type is not supported',
    retryable: false,
    remedy: 'Send JSON with Content-Type application/json.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The idempotency key was used with another body',
    retryable: false,
    remedy: 'Use a new Idempotency-Key for a new request.',
  },
  IMAGE_UNKNOWN: {
    status: 422,
    title: 'The image is not in the catalogue',
    retryable: false,
    remedy: 'Choose one of the images that /provider/info lists.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    remedy: 'Wait as long as Retry-After says.',
  },
  INTERNAL: {
    status: 500,
    title: 'A defect of the provider',
    retryable: false,
    remedy: 'Report it with the request id; the log holds the cause.',
  },
  HYPERVISOR_FAILED: {
    status: 502,
    title: 'The hypervisor failed',
    retryable: true,
    remedy: 'Try again; the operator finds the cause in the log of the worker.',
  },
  HYPERVISOR_UNAVAILABLE: {
    status: 503,
    title: 'The hypervisor does not answer',
    retryable: true,
    remedy: 'Try again later; the operator checks that the hypervisor runs.',
  },
  HYPERVISOR_TIMEOUT: {
    status: 502,
    title: 'The hypervisor did not finish in time',
    retryable: true,
    remedy: 'Try again; the operator may raise GOLEM_PROVIDER_LAUNCH_TIMEOUT.',
  },
  IMAGE_UNAVAILABLE: {
    status: 503,
    title: 'The image cannot be had',
    retryable: false,
    remedy: 'Choose another image; the operator checks the network or the image cache.',
  },
  GUEST_UNREACHABLE: {
    status: 502,
    title: 'The guest does not answer by ssh',
    retryable: true,
    remedy: 'Try again; the operator looks at the console log of the guest.',
  },
  GUEST_FAILED: {
    status: 502,
    title: 'The guest could not do it',
    retryable: true,
    remedy: 'Log in to the VM: its disk may be full, or the files of its user changed in rights.',
  },
  PROXY_FAILED: {
    status: 502,
    title: 'The ssh proxy could not be set up',
    retryable: true,
    remedy: 'Try again; the operator finds the reason of nginx in the log of the worker.',
  },
  RESOURCES_EXHAUSTED: {
    status: 503,
    title: 'Not enough free resources',
    retryable: true,
    remedy: 'Ask for less, or wait until a VM is deleted.',
  },
  THRESHOLD_EXCEEDED: {
    status: 503,
    title: 'The host is too busy',
    retryable: true,
    remedy: 'Wait until its load has fallen.',
  },
  DRAINING: {
    status: 503,
    title: 'The host takes no new VMs',
    retryable: true,
    remedy: 'Choose another provider, or wait until the operator lets VMs in again (POST /provider/undrain).',
  },
  MAX_VMS_REACHED: {
    status: 503,
    title: 'The host has as many VMs as it may',
    retryable: true,
    remedy: 'Wait until a VM is deleted.',
  },
  PORTS_EXHAUSTED: {
    status: 503,
    title: 'No ssh port is free',
    retryable: true,
    remedy: 'Wait until a VM is deleted; the operator may widen the port range.',
  },
  WORKER_UNAVAILABLE: {
    status: 503,
    title: 'The worker is not there',
    retryable: true,
    remedy: 'Wait; the operator checks that the vm-worker runs.',
  },
  SAMPLES_STALE: {
    status: 503,
    title: 'The load of the host is not known',
    retryable: true,
    remedy: 'Wait; the operator checks that the monitor runs.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'The record store does not answer',
    retryable: true,
    remedy: 'Wait; the operator checks that Redis runs.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** A code of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

const codes = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);

/** Schema of a code of `ERROR_CODES`. */
export const ErrorCode = z
  .enum(codes)
  .meta({ id: 'ErrorCode', description: 'Stable code of a failure; the docs list them.' });

/** The entry of a code, with the wide types that callers compare. */
export function errorCodeEntry(code: ErrorCode): ErrorCodeEntry {
  return ERROR_CODES[code];
}
