import type { VmId } from '@golem-provider/contracts';

/** In what the world may differ from what the records wish and from itself. */
export type FindingKind =
  | 'hypervisor_unavailable'
  | 'record_unreadable'
  | 'record_unlisted'
  | 'record_missing'
  | 'reservation_missing'
  | 'reservation_stray'
  | 'reservation_differs'
  | 'port_missing'
  | 'port_stray'
  | 'operation_stray'
  | 'operation_unlisted'
  | 'operation_missing'
  | 'operation_without_job'
  | 'job_without_operation'
  | 'status_unsettled'
  | 'vm_in_error'
  | 'machine_missing'
  | 'machine_stray'
  | 'power_differs'
  | 'forward_missing'
  | 'forward_stray'
  | 'forward_differs'
  | 'port_not_listening'
  | 'port_listening'
  | 'directory_stray'
  | 'keys_missing'
  | 'manifest_missing'
  | 'manifest_stray'
  | 'manifest_differs'
  | 'manifest_bad'
  | 'file_left_over';

/** One thing that is not as it should be. */
export interface Finding {
  readonly kind: FindingKind;
  /** Null where it is of no VM. */
  readonly vm_id: VmId | null;
  readonly detail: string;
}
