import { errorCodeEntry, type Failure, type VmStatus } from '@golem-provider/contracts';
import type { AppError } from '@golem-provider/service-kit';

/** What is told to the requestor of a failure. */
export function toFailure(error: AppError): Failure {
  return { code: error.code, message: error.publicDetail ?? `${errorCodeEntry(error.code).title}.` };
}

/** The status of a VM after a change of it failed: a hypervisor that did not answer has said nothing about the VM. */
export function statusAfter(error: AppError): VmStatus {
  return error.code === 'HYPERVISOR_UNAVAILABLE' ? 'unknown' : 'error';
}
