import { HostId, ImageName, type VmId, VmName, type VmRecord } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createAdmission, createRecordStore, createReportStore } from '@golem-provider/store';
import { advertiserReport, hostSample, type RedisServer, workerReport } from '@golem-provider/testing';

const HOST = HostId.parse('local');
const FRESH_MS = 3_600_000;
/** Larger than any case. */
const TOTAL = { cpu_cores: 100_000, memory_gb: 1_000_000, storage_gb: 10_000_000 };
const AT_ONCE = 50;

/** Says for an hour that a monitor is there and that the host has room for everything. */
export async function reportHostIsWell(server: RedisServer): Promise<void> {
  const reports = createReportStore(server.client(), HOST);
  await reports.monitor.save(hostSample({ total: TOTAL, sellable: TOTAL }), FRESH_MS);
}

/** Says for an hour that all other services are there and that all is well. */
export async function reportAllIsWell(server: RedisServer): Promise<void> {
  const reports = createReportStore(server.client(), HOST);
  await reportHostIsWell(server);
  await reports.worker.save(workerReport(), FRESH_MS);
  await reports.advertiser.save(advertiserReport(), FRESH_MS);
}

/** How VMs are that were accepted: what is wished and what was seen. */
export type VmState = Pick<VmRecord, 'desired' | 'status'>;

const RUNNING: VmState = { desired: 'running', status: 'running' };

/** Accepts so many VMs as requests would, and lets them be so; nobody works on them. Resolves with their ids. */
export async function acceptVms(
  server: RedisServer,
  count: number,
  from = 0,
  state: VmState = RUNNING,
  portRange = { start: 1024, end: 65_536 },
): Promise<VmId[]> {
  const redis = server.client();
  const admission = createAdmission(redis, HOST, { maxVms: 100_000, portRange }, systemClock);
  const records = createRecordStore(redis, HOST, systemClock);
  const accept = async (index: number): Promise<VmId> => {
    const { vmId, operationId } = await admission.admit({
      name: VmName.parse(`vm${String(index).padStart(6, '0')}`),
      spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
      size: null,
      image: ImageName.parse('debian:12'),
      sshKey: null,
      streamId: null,
      requestId: null,
    });
    await records.update({
      vm: { id: vmId, change: (vm) => ({ ...vm, ...state, ip_address: '10.0.0.1' }) },
      operation: { id: operationId, change: (operation) => ({ ...operation, status: 'completed', phase: 'done' }) },
    });
    return vmId;
  };
  const ids: VmId[] = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, offset) => accept(from + first + offset));
    ids.push(...(await Promise.all(some)));
  }
  return ids;
}
