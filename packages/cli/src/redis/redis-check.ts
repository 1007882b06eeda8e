import { errorChain, type Logger, producerRedis } from '@golem-provider/service-kit';

/** What the dependability of the records rests on; undefined where it could not be asked for. */
export interface DurabilitySettings {
  readonly appendonly: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
}

/** What is wrong with a Redis that is to keep the records, a sentence each. */
export function durabilityProblems({ appendonly, maxmemoryPolicy }: DurabilitySettings): string[] {
  return [
    ...(appendonly === 'yes'
      ? []
      : [`appendonly is ${appendonly ?? 'not known'} and should be yes: records would be lost with the process`]),
    ...(maxmemoryPolicy === 'noeviction'
      ? []
      : [`maxmemory-policy is ${maxmemoryPolicy ?? 'not known'} and should be noeviction: records could be evicted`]),
  ];
}

/** A Redis URL without user and password. */
export function describeRedis(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** Asks a Redis for them. Rejects where it does not answer. */
export async function readDurability(url: string, logger: Logger): Promise<DurabilitySettings> {
  const redis = producerRedis(url, logger);
  const ask = async (name: string): Promise<string | undefined> => {
    const answer: unknown = await redis.config('GET', name);
    const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  try {
    await redis.connect();
    return { appendonly: await ask('appendonly'), maxmemoryPolicy: await ask('maxmemory-policy') };
  } finally {
    redis.disconnect();
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
