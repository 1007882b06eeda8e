import { HostId, ImageName, VmId, VmName, type VmRecord } from '@golem-provider/contracts';

/** A record of a VM that is being created, with some of its fields replaced. */
export function vmRecord(more: Partial<VmRecord> = {}): VmRecord {
  return {
    id: VmId.parse('golem-web-20260101-000000'),
    host_id: HostId.parse('test-host'),
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
    size: null,
    image: ImageName.parse('debian:12'),
    desired: 'running',
    generation: 1,
    status: 'creating',
    ip_address: null,
    ssh_target: null,
    proxy_port: 50_800,
    keys: {
      origin: 'provider',
      public_key: null,
      sealed_private_key: null,
      host_public_key: null,
      sealed_host_private_key: null,
    },
    stream_id: null,
    error: null,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    revision: 1,
    ...more,
  };
}
