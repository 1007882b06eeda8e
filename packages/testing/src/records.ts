import {
  type AdvertiserReport,
  HostId,
  type HostSample,
  ImageName,
  sellable,
  VmId,
  VmName,
  type VmRecord,
  type WorkerReport,
} from '@golem-provider/contracts';

const AT = '2026-01-01T00:00:00.000Z';
const TOTAL = { cpu_cores: 64, memory_gb: 64, storage_gb: 1000 };

/** A sample of a calm host with 64 cores, 64 and 1000 GiB; `sellable` follows a changed `total`. */
export function hostSample(change: Partial<HostSample> = {}): HostSample {
  return {
    sampled_at: AT,
    total: TOTAL,
    cpu_overcommit: 1,
    sellable: sellable(change.total ?? TOTAL),
    usage_percent: { cpu: 5, memory: 10, storage: 20 },
    thresholds: { cpu: 90, memory: 85, storage: 90 },
    breaches: [],
    hostname: 'test-host',
    platform: 'x86_64',
    ...change,
  };
}

/** The report of a worker with which all is well. */
export function workerReport(change: Partial<WorkerReport> = {}): WorkerReport {
  return {
    reported_at: AT,
    pid: 1,
    healthy: true,
    reason: null,
    warnings: [],
    hypervisor: {
      name: 'qemu',
      version: '7.2.0',
      acceleration: 'tcg',
      guest_network: 'isolated',
      default_image: 'debian:12',
      images: [
        { name: 'debian:12', aliases: ['debian', 'bookworm'], available: true },
        { name: 'ubuntu:24.04', aliases: ['24.04', 'noble'], available: false },
      ],
    },
    reservation_drift: { last: 0, total: 0 },
    ...change,
  };
}

/** The report of an advertiser that has found the host's public address. */
export function advertiserReport(change: Partial<AdvertiserReport> = {}): AdvertiserReport {
  return {
    reported_at: AT,
    provider_id: 'provider-of-the-report',
    public_key: '-----BEGIN PUBLIC KEY-----\nof the report\n-----END PUBLIC KEY-----\n',
    public_ip: '198.51.100.7',
    advertisement: { status: 'advertised', last_success_at: AT, reason: null },
    age_seconds: 1,
    calls: { succeeded: 3, failed: 0, failed_in_a_row: 0, last_error: null },
    ...change,
  };
}

/** The record of a VM whose creation was accepted a moment ago. */
export function vmRecord(change: Partial<VmRecord> = {}): VmRecord {
  return {
    id: VmId.parse('golem-web-20260101-000000'),
    host_id: HostId.parse('local'),
    owner: null,
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
    size: null,
    image: ImageName.parse('debian:12'),
    desired: 'running',
    resize: null,
    generation: 1,
    status: 'creating',
    ip_address: null,
    ssh_target: null,
    proxy_port: 50_800,
    released: false,
    keys: {
      origin: 'provider',
      public_key: null,
      sealed_private_key: null,
      host_public_key: null,
      sealed_host_private_key: null,
      management_public_key: null,
      sealed_management_private_key: null,
    },
    ssh_keys: [],
    stream_id: null,
    error: null,
    created_at: AT,
    updated_at: AT,
    revision: 1,
    ...change,
  };
}
