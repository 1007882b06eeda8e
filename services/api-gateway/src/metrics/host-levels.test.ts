import { BYTES_PER_GIB, OperationId, newOperation, HostId } from '@golem-provider/contracts';
import { advertiserReport, hostSample, vmRecord, workerReport } from '@golem-provider/testing';
import { describe, expect, it } from '@jest/globals';
import { hostLevels, type RecordedState } from './host-levels.ts';

const SETTINGS = {
  MAX_VMS: 3,
  MIN_CPU_CORES: 1,
  MIN_MEMORY_GB: 1,
  MIN_STORAGE_GB: 10,
  CPU_THRESHOLD: 90,
  MEMORY_THRESHOLD: 85,
  STORAGE_THRESHOLD: 90,
  PORT_RANGE_START: 50_800,
  PORT_RANGE_END: 50_810,
};

const EMPTY: RecordedState = {
  vms: [],
  pendingOperations: [],
  reservations: [],
  busyPorts: new Set(),
  monitor: undefined,
  worker: undefined,
  advertiser: undefined,
  isDraining: false,
  jobs: {},
};

/** Level values by `name{label value,...}`. */
function levelsOf(change: Partial<RecordedState>): Record<string, number> {
  const levels = hostLevels({ ...EMPTY, ...change }, SETTINGS);
  return Object.fromEntries(
    levels.map(({ name, labels, value }) => [`${name}{${Object.values(labels).join()}}`, value]),
  );
}

const operation = newOperation(
  {
    id: OperationId.parse('op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10'),
    host_id: HostId.parse('local'),
    vm_id: vmRecord().id,
    kind: 'create',
    generation: 1,
    request_id: null,
  },
  '2026-01-01T00:00:00.000Z',
);

describe('hostLevels', () => {
  it('tells nothing of a host that nobody has looked at, and why it takes no VM', () => {
    const levels = levelsOf({});

    expect(levels).toMatchObject({
      'accepting{}': 0,
      'refusal_reason{WORKER_UNAVAILABLE}': 1,
      'report_fresh{monitor}': 0,
      'hypervisor_up{}': 0,
      'advertisement_status{pending}': 1,
      'vms{running}': 0,
    });
    expect(Object.keys(levels).filter((name) => /^capacity|^host_usage|timestamp/.test(name))).toEqual([]);
  });

  it('tells that the operator keeps new VMs out', () => {
    expect(levelsOf({ isDraining: true })).toMatchObject({ 'draining{}': 1, 'refusal_reason{DRAINING}': 1 });
    expect(levelsOf({})).toMatchObject({ 'draining{}': 0 });
  });

  it('counts VMs and operations', () => {
    const levels = levelsOf({
      vms: [vmRecord({ status: 'running' }), vmRecord({ status: 'running' }), vmRecord({ status: 'error' })],
      pendingOperations: [operation, operation, { ...operation, kind: 'delete', status: 'active' }],
      jobs: { waiting: 2, delayed: 0 },
    });

    expect(levels).toMatchObject({
      'vms{running}': 2,
      'vms{error}': 1,
      'vms{stopped}': 0,
      'vms_limit{}': 3,
      'operations_pending{create,queued}': 2,
      'operations_pending{delete,active}': 1,
      'queue_jobs{waiting}': 2,
      'queue_jobs{delayed}': 0,
    });
  });

  it('splits the capacity into what the host keeps, what VMs hold and what is free', () => {
    const total = { cpu_cores: 8, memory_gb: 20, storage_gb: 200 };
    const levels = levelsOf({
      monitor: { report: hostSample({ total }), isFresh: true },
      reservations: [{ cpu_cores: 2, memory_gb: 4, storage_gb: 20, port: 50_801 }],
    });

    expect(levels).toMatchObject({
      'capacity_cores{total}': 8,
      'capacity_cores{reserve}': 0,
      'capacity_cores{held}': 2,
      'capacity_cores{free}': 6,
      'capacity_memory_bytes{total}': 20 * BYTES_PER_GIB,
      'capacity_memory_bytes{reserve}': 2 * BYTES_PER_GIB,
      'capacity_memory_bytes{held}': 4 * BYTES_PER_GIB,
      'capacity_memory_bytes{free}': 14 * BYTES_PER_GIB,
      'capacity_storage_bytes{free}': 160 * BYTES_PER_GIB,
      'host_usage_ratio{cpu}': 0.05,
      'host_usage_threshold_ratio{storage}': 0.9,
    });
  });

  it('counts each port of the range once', () => {
    const held = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };
    const levels = levelsOf({
      reservations: [
        { ...held, port: 50_800 },
        { ...held, port: 50_801 },
        { ...held, port: 40_000 },
      ],
      busyPorts: new Set([50_801, 50_802, 22]),
    });

    expect(levels).toMatchObject({ 'ports{total}': 10, 'ports{used}': 2, 'ports{busy}': 1, 'ports{free}': 7 });
  });

  it('tells which services and which advertisement are well', () => {
    const levels = levelsOf({
      monitor: { report: hostSample(), isFresh: true },
      worker: { report: workerReport(), isFresh: true },
      advertiser: { report: advertiserReport(), isFresh: false },
    });

    expect(levels).toMatchObject({
      'accepting{}': 1,
      'report_fresh{monitor}': 1,
      'report_fresh{vm-worker}': 1,
      'report_fresh{advertiser}': 0,
      'hypervisor_up{}': 1,
      'advertisement_status{advertised}': 1,
      'advertisement_status{failing}': 0,
      'advertisement_last_success_timestamp_seconds{}': Date.parse('2026-01-01T00:00:00.000Z') / 1000,
    });
    expect(Object.keys(levels).filter((name) => name.startsWith('refusal_reason'))).toEqual([]);
  });
});
