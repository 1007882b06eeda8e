import { HostId, ImageName, VmId, VmName, type VmRecord } from '@golem-provider/contracts';

/** The record of a running VM that was made at 12:00:00 and so many seconds, with changes. */
export function vmRecord(second: number, changes: Partial<VmRecord> = {}): VmRecord {
  const seconds = String(second).padStart(2, '0');
  const at = `2026-01-01T12:00:${seconds}.000Z`;
  return {
    id: VmId.parse(`golem-web-20260101-1200${seconds}`),
    host_id: HostId.parse('local'),
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
    size: null,
    image: ImageName.parse('debian:12'),
    desired: 'running',
    generation: 1,
    status: 'running',
    ip_address: '10.0.2.15',
    ssh_target: { host: '127.0.0.1', port: 40_000 },
    proxy_port: 50_800,
    keys: {
      origin: 'requestor',
      public_key: null,
      sealed_private_key: null,
      host_public_key: null,
      sealed_host_private_key: null,
    },
    stream_id: null,
    error: null,
    created_at: at,
    updated_at: at,
    revision: 1,
    ...changes,
  };
}
