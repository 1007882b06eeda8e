import { type HostId, QUEUE_PREFIX, redisNames } from '@golem-provider/contracts';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

const STATES = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children', 'completed', 'failed'] as const;

/** The state of each job of a host, by its id, which is that of its operation. */
export async function readJobStates(redis: Redis, hostId: HostId): Promise<ReadonlyMap<string, string>> {
  const queue = new Queue(redisNames(hostId).operationQueue, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    // A look must not write.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  // What fails rejects the call below; without a listener it would end the process besides.
  queue.on('error', () => undefined);
  try {
    const states = new Map<string, string>();
    for (const state of STATES) {
      for (const job of await queue.getJobs([state])) if (job.id !== undefined) states.set(job.id, state);
    }
    return states;
  } finally {
    await queue.close();
  }
}
