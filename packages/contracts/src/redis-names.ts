import type { HostId } from './host.ts';
import type { OperationId } from './operation.ts';
import type { VmId } from './vm.ts';

/** Names of everything that this software keeps in Redis for one host. Built here and nowhere else. */
export interface RedisNames {
  /** Hash `{revision, json}`: one `VmRecord`. */
  vm(id: VmId): string;
  /** What the names of all VM records begin with. */
  readonly vmPrefix: string;
  /** Marks the id of a deleted VM as used for a while, so that it cannot be given out again. */
  vmTombstone(id: VmId): string;
  /** A record that could not be read, as it was, for a person to look at. */
  vmUnreadable(id: VmId): string;
  /** Sorted set: ids of all VMs by time of creation (ms). */
  readonly vms: string;
  /** Hash `{revision, json}`: one `Operation`. */
  operation(id: OperationId): string;
  /** What the names of all operation records begin with. */
  readonly operationPrefix: string;
  /** Sorted set: ids of operations that have not ended, by time of creation (ms). */
  readonly pendingOperations: string;
  /** Sorted set: ids of the operations of the last `OPERATION_RETENTION_MS`, by time of creation (ms). */
  readonly recentOperations: string;
  /** Hash: VM id to `Reservation` as JSON. */
  readonly reservations: string;
  /** Hash: port to the id of the VM that holds it. */
  readonly ports: string;
  /** Sorted set: ports given back, by time (ms); the one that rests longest is given out first. */
  readonly releasedPorts: string;
  /** Set: ports that another program of the host listens on, as the worker saw it. */
  readonly busyPorts: string;
  /** `DrainRecord` as JSON; exists while the operator lets no new VM in. */
  readonly drain: string;
  /** Hash `{fingerprint, operation_id, vm_id, answer?}`: the creation that an idempotency key is bound to, for a day. */
  idempotencyKey(digest: string): string;
  /** What begins the keys that count the requests of clients. */
  readonly ratePrefix: string;
  /** Stream, capped: `ProviderEvent`s. */
  readonly events: string;
  /** Stream, capped: `HistoryPoint`s. */
  readonly samples: string;
  /** The last report of a service, as JSON; kept after its end. */
  report(service: 'monitor' | 'worker' | 'advertiser'): string;
  /** Exists while the report of the same service is fresh. */
  reportFresh(service: 'monitor' | 'worker' | 'advertiser'): string;
  /** Set: the processes that publish metrics, as `<service>/<process>`. */
  readonly metricsProcesses: string;
  /** The metrics of one such process, as JSON; gone soon after the process is. */
  metrics(process: string): string;
  /** Hash `{holder, token, beat}` that expires: which worker acts on the host. */
  readonly workerLease: string;
  /** Counts the leases: each has a higher token than the ones before. */
  readonly workerLeaseToken: string;
  /** Hash `{id, since_ms}`: names the data of this Redis; gone or another when they were lost. */
  readonly storeIdentity: string;
  /** Name of the BullMQ queue that carries operation ids to the worker of the host. May hold no colon. */
  readonly operationQueue: string;
}

/** Prefix of BullMQ's own keys. */
export const QUEUE_PREFIX = 'golem:queue';

/**
 * The names for a host. The braces make all keys of a host fall into one slot of a Redis cluster, which the scripts that
 * touch several of them at once depend on.
 */
export function redisNames(hostId: HostId): RedisNames {
  const host = `golem:{${hostId}}`;
  return {
    vmPrefix: `${host}:vm:`,
    vm: (id) => `${host}:vm:${id}`,
    vmTombstone: (id) => `${host}:vm-tombstone:${id}`,
    vmUnreadable: (id) => `${host}:vm-unreadable:${id}`,
    vms: `${host}:vms`,
    operationPrefix: `${host}:operation:`,
    operation: (id) => `${host}:operation:${id}`,
    pendingOperations: `${host}:operations:pending`,
    recentOperations: `${host}:operations:recent`,
    reservations: `${host}:reservations`,
    ports: `${host}:ports`,
    releasedPorts: `${host}:ports:released`,
    busyPorts: `${host}:ports:busy`,
    drain: `${host}:drain`,
    idempotencyKey: (digest) => `${host}:idempotency:${digest}`,
    ratePrefix: `${host}:rate:`,
    events: `${host}:events`,
    samples: `${host}:samples`,
    report: (service) => `${host}:report:${service}`,
    reportFresh: (service) => `${host}:report:${service}:fresh`,
    metricsProcesses: `${host}:metrics`,
    metrics: (process) => `${host}:metrics:${process}`,
    workerLease: `${host}:worker:lease`,
    workerLeaseToken: `${host}:worker:lease:token`,
    storeIdentity: `${host}:store`,
    operationQueue: `vm-operations-${hostId}`,
  };
}

/** Names of what the discovery service for development keeps; it belongs to no host. */
export const DISCOVERY_NAMES = {
  /** Advertisement of a provider as JSON; expires by itself. */
  advertisement: (providerId: string): string => `golem:discovery:advertisement:${providerId}`,
  /** Sorted set: ids of providers by the time of their last advertisement (ms). */
  updated: 'golem:discovery:updated',
} as const;
