import { VmId, type VmRecord } from '@golem-provider/contracts';
import { vmRecord } from '@golem-provider/testing';

/** The record of a running VM that was made at 12:00:00 and so many seconds, with changes. */
export function runningVm(second: number, changes: Partial<VmRecord> = {}): VmRecord {
  const seconds = String(second).padStart(2, '0');
  const at = `2026-01-01T12:00:${seconds}.000Z`;
  return vmRecord({
    id: VmId.parse(`golem-web-20260101-1200${seconds}`),
    status: 'running',
    ip_address: '10.0.2.15',
    ssh_target: { host: '127.0.0.1', port: 40_000 },
    created_at: at,
    updated_at: at,
    ...changes,
  });
}
