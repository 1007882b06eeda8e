import {
  errorCodeEntry,
  type Failure,
  type OperationKind,
  type OperationPhase,
  type VmStatus,
} from '@golem-provider/contracts';
import type { AppError } from '@golem-provider/service-kit';

/** What is told to the requestor of a failure. */
export function toFailure(error: AppError): Failure {
  return { code: error.code, message: error.publicDetail ?? `${errorCodeEntry(error.code).title}.` };
}

/** The status of a VM after a change of its power failed: a hypervisor that did not answer has said nothing about the VM. */
export function statusAfter(error: AppError): VmStatus {
  return error.code === 'HYPERVISOR_UNAVAILABLE' ? 'unknown' : 'error';
}

/** The status of a VM after an operation on it failed; undefined where the VM is left as it was. */
export function statusAfterOperation(kind: OperationKind, error: AppError): VmStatus | undefined {
  switch (kind) {
    case 'create':
      return 'error';
    case 'start':
    case 'stop':
    case 'restart':
    case 'delete':
    case 'retry':
    case 'adopt':
    case 'recreate':
      return statusAfter(error);
    case 'resize':
    case 'update_keys':
      return undefined;
  }
}

/** Whether the power of the machine is as wished in that phase, as it is changed in others that come before. */
export function isPastPower(phase: OperationPhase | undefined): boolean {
  return phase === 'updating_keys' || phase === 'resizing';
}
