import type { Redis } from 'ioredis';

/**
 * Closes a connection at once, in whatever state it is: commands that wait for it are rejected, and none of its timers is left
 * to keep the process. One that is closed is left as it is.
 */
export function closeRedis(redis: Redis): void {
  if (redis.status === 'end') return;
  // Between two tries to connect there is no socket to close. ioredis 6.0 waits two seconds for the one before, which is gone,
  // and never tells the commands that are queued; as if it had not been opened yet, it does neither.
  if (redis.status === 'reconnecting') redis.status = 'wait';
  redis.disconnect();
}
