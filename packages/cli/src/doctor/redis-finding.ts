import { existsSync } from 'node:fs';
import type { Finding } from '@golem-provider/contracts';
import { durabilityProblems, type DurabilitySettings, errorChain, type Logger } from '@golem-provider/service-kit';
import { describeRedis, readDurability } from '../redis/redis-check.ts';

const DURABILITY_REMEDY =
  'Set `appendonly yes` and `maxmemory-policy noeviction` in its configuration, or unset GOLEM_PROVIDER_REDIS_URL for a private one.';

/** Whether a Redis keeps what it is told. Pure. */
export function durabilityFinding(where: string, durability: DurabilitySettings): Finding {
  const problems = durabilityProblems(durability);
  if (problems.length === 0) {
    return { name: 'redis', verdict: 'ok', detail: `${where} keeps every record and evicts none`, remedy: null };
  }
  return { name: 'redis', verdict: 'problem', detail: `${where}: ${problems.join('; ')}`, remedy: DURABILITY_REMEDY };
}

/** Looks at the Redis that the settings name, or at the private one at `privateSocket` if that runs. */
export async function redisFinding(named: string | undefined, privateSocket: string, logger: Logger): Promise<Finding> {
  if (named === undefined && !existsSync(privateSocket)) {
    return { name: 'redis', verdict: 'ok', detail: 'a private one is started with the provider', remedy: null };
  }
  const where = named === undefined ? 'the private Redis' : describeRedis(named);
  try {
    return durabilityFinding(where, await readDurability(named ?? `unix://${privateSocket}`, logger));
  } catch (error) {
    return {
      name: 'redis',
      verdict: 'problem',
      detail: `${where} does not answer: ${errorChain(error)}`,
      remedy: named === undefined ? 'Start the provider again.' : 'Start it, or correct GOLEM_PROVIDER_REDIS_URL.',
    };
  }
}
