import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** How long BullMQ's keys last. A job whose worker was killed is taken up again after at most the sum of these two. */
export interface QueueTiming {
  readonly lockMs: number;
  readonly stalledCheckMs: number;
}

/**
 * Lets no lock of a job, and no pause between two searches for stalled jobs, last longer than it was meant to. Redis keeps the
 * moment at which a key expires: once the clock of its host is set back by a day, a key of ten seconds lasts for that day, and
 * a job that nobody has in hand is nobody's all that time. A lock that is renewed has its whole time again.
 */
export async function boundJobLocks(
  redis: Redis,
  queue: Pick<Queue, 'toKey'>,
  { lockMs, stalledCheckMs }: QueueTiming,
): Promise<void> {
  const active = await redis.lrange(queue.toKey('active'), 0, -1);
  const pipeline = redis.pipeline().pexpire(queue.toKey('stalled-check'), stalledCheckMs, 'LT');
  for (const id of active) pipeline.pexpire(`${queue.toKey(id)}:lock`, lockMs, 'LT');
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
}
