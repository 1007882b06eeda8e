import type { ErrorCode } from '@golem-provider/contracts';
import { AppError, type AppErrorOptions } from '@golem-provider/service-kit';
import { cleanWords } from '../../exec/run-tool.ts';
import { cleanStderr, type MultipassFailureKind } from './multipass-output.ts';

type Meaning = readonly [ErrorCode, Pick<AppErrorOptions, 'publicDetail' | 'retryable'>?];

const MEANINGS: Readonly<Record<MultipassFailureKind, Meaning>> = {
  daemon_down: ['HYPERVISOR_UNAVAILABLE'],
  no_access: ['HYPERVISOR_UNAVAILABLE'],
  exists: ['HYPERVISOR_FAILED'],
  being_prepared: ['HYPERVISOR_FAILED', { publicDetail: 'The VM is still being prepared.' }],
  absent: ['HYPERVISOR_FAILED', { retryable: false, publicDetail: 'The hypervisor has no such machine.' }],
  deleted: ['HYPERVISOR_FAILED'],
  timed_out: ['HYPERVISOR_TIMEOUT'],
  unknown_state: ['HYPERVISOR_FAILED'],
  starting: ['HYPERVISOR_FAILED'],
  suspended: ['HYPERVISOR_FAILED'],
  image_unknown: ['IMAGE_UNKNOWN'],
  image_unavailable: ['IMAGE_UNAVAILABLE'],
  memory_size: ['HYPERVISOR_FAILED', { retryable: false, publicDetail: 'The memory is too small for the hypervisor.' }],
  disk_size: ['HYPERVISOR_FAILED', { retryable: false, publicDetail: 'The storage is too small for the image.' }],
  disk_shrinks: ['HYPERVISOR_FAILED', { retryable: false, publicDetail: 'The disk of a VM cannot shrink.' }],
  not_stopped: ['HYPERVISOR_FAILED', { retryable: false, publicDetail: 'The VM must be off for that.' }],
  not_running: ['HYPERVISOR_FAILED', { publicDetail: 'The VM is not running.' }],
  guest_unreachable: ['HYPERVISOR_FAILED', { publicDetail: 'The VM does not answer.' }],
  bad_argument: ['HYPERVISOR_FAILED', { retryable: false }],
  user_data: ['HYPERVISOR_FAILED', { retryable: false }],
  option_unknown: ['HYPERVISOR_FAILED', { retryable: false }],
  disk_full: ['HYPERVISOR_FAILED', { publicDetail: 'The disk of the host is full.' }],
  other: ['HYPERVISOR_FAILED'],
};

/** A refusal as the error to throw: `kind` decides the code, Multipass's own words are in the message. */
export function refusalError(kind: MultipassFailureKind, exitCode: number, stderr: string, doing: string): AppError {
  const [code, options = {}] = MEANINGS[kind];
  const words = cleanStderr(stderr);
  return new AppError(code, `${doing}: Multipass ended with ${exitCode}: ${words}`, {
    ...(code === 'HYPERVISOR_FAILED' && words !== '' && { publicDetail: cleanWords(words) }),
    ...options,
  });
}
