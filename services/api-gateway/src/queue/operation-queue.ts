import {
  type HostId,
  OPERATION_JOB_OPTIONS,
  type OperationId,
  type OperationJob,
  type OperationKind,
  QUEUE_PREFIX,
  redisNames,
  type VmId,
} from '@golem-provider/contracts';
import type { Component, Logger } from '@golem-provider/service-kit';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { NO_FAULTS } from '../fault-points.ts';

/** An accepted operation that the worker is to hear of. */
export interface EnqueuedOperation {
  readonly id: OperationId;
  readonly vmId: VmId;
  readonly kind: OperationKind;
}

/** The queue of a host as the gateway uses it. */
export interface OperationQueue extends Component {
  /**
   * Tells the worker of an operation whose record is written. Never rejects: where the queue cannot be reached, the failure
   * is logged, and the worker finds the record by itself a little later.
   */
  enqueue(operation: EnqueuedOperation): Promise<void>;
  /** The queue itself, for those who show it. */
  readonly queue: Queue;
}

/** The queue over a connection of which a command fails soon when Redis is away. */
export function createOperationQueue(redis: Redis, hostId: HostId, logger: Logger, faults = NO_FAULTS): OperationQueue {
  const queue = new Queue(redisNames(hostId).operationQueue, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    // bullmq 6.7: a queue whose first look at Redis fails stays broken for good. Without one there is nothing to fail; the
    // worker, which waits for Redis, checks the version and writes what is known of the queue.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own troubles; without a listener an error would end the process.
  queue.on('error', (err) => logger.debug({ err }, 'queue error'));
  return {
    name: 'operation queue',
    queue,
    start: () => Promise.resolve(),
    stop: () => queue.close(),
    async enqueue({ id, vmId, kind }) {
      const data: OperationJob = { operation_id: id, vm_id: vmId };
      faults.reach('operation is accepted');
      try {
        await queue.add(kind, data, { ...OPERATION_JOB_OPTIONS, jobId: id });
      } catch (err) {
        logger.warn({ err, operation_id: id, vm_id: vmId }, 'enqueueing failed; the worker will find the operation');
      }
      faults.reach('operation is enqueued');
    },
  };
}
