import type { Redis } from 'ioredis';

/** What the dependability of the records rests on; undefined where it could not be asked for. */
export interface DurabilitySettings {
  readonly appendonly: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
}

/** What is wrong with a Redis that is to keep the records, a sentence each. Pure. */
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

/** Asks a Redis for them. Rejects where it does not answer, or does not let itself be asked. */
export async function askDurability(redis: Redis): Promise<DurabilitySettings> {
  const ask = async (name: string): Promise<string | undefined> => {
    const answer: unknown = await redis.config('GET', name);
    const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return { appendonly: await ask('appendonly'), maxmemoryPolicy: await ask('maxmemory-policy') };
}
