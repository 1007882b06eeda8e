import {
  askDurability,
  closeRedis,
  durabilityProblems,
  type DurabilitySettings,
  errorChain,
  type Logger,
} from '@golem-provider/service-kit';

/** A Redis URL without user and password. */
export function describeRedis(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** Asks a Redis for them. Rejects where it does not answer. */
export async function readDurability(url: string, logger: Logger): Promise<DurabilitySettings> {
  // The supervisor stays for months and asks at its start, if at all: it is spared 8 MiB for the client.
  const { producerRedis } = await import('@golem-provider/service-kit/redis');
  const redis = producerRedis(url, logger);
  try {
    await redis.connect();
    return await askDurability(redis);
  } finally {
    closeRedis(redis);
  }
}

/** Looks at the Redis that the settings name and warns of what makes it unfit. That it is not there yet is only said. */
export async function checkNamedRedis(url: string, logger: Logger): Promise<void> {
  try {
    const problems = durabilityProblems(await readDurability(url, logger));
    for (const problem of problems) logger.warn(`Redis at ${describeRedis(url)}: ${problem}`);
  } catch (error) {
    logger.warn(`Redis at ${describeRedis(url)} could not be checked for durability: ${errorChain(error)}`);
  }
}
