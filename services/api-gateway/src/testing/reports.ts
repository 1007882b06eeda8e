import {
  type AdvertiserReport,
  type HostSample,
  type Resources,
  sellable,
  type WorkerReport,
} from '@golem-provider/contracts';

const AT = '2026-01-01T00:00:00.000Z';

/** A sample of an idle host with so much of everything. */
export function hostSample(total: Resources = { cpu_cores: 64, memory_gb: 64, storage_gb: 1000 }): HostSample {
  return {
    sampled_at: AT,
    total,
    sellable: sellable(total),
    usage_percent: { cpu: 5, memory: 10, storage: 20 },
    thresholds: { cpu: 90, memory: 85, storage: 90 },
    breaches: [],
    hostname: 'test-host',
    platform: 'x86_64',
  };
}

/** The report of a worker with which all is well. */
export function workerReport(): WorkerReport {
  return {
    reported_at: AT,
    pid: 1,
    healthy: true,
    reason: null,
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
  };
}

/** The report of an advertiser that has found the host's public address. */
export function advertiserReport(): AdvertiserReport {
  return {
    reported_at: AT,
    provider_id: 'provider-of-the-report',
    public_ip: '198.51.100.7',
    advertisement: { status: 'advertised', last_success_at: AT, reason: null },
  };
}
