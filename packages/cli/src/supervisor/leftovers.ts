import { endProcess, isRunning, type Logger, type ProcessIdentity } from '@golem-provider/service-kit';
import { REDIS_PROCESS } from '../redis/private-redis.ts';

/** A service may take 30 s to finish what it has in hand. */
const PATIENCE_MS = 35_000;

/** Ends what a supervisor that was killed had started: its services all at once, then Redis, which they need to end well. */
export async function endLeftovers(leftovers: ReadonlyMap<string, ProcessIdentity>, logger: Logger): Promise<void> {
  const end = async ([name, identity]: [string, ProcessIdentity]): Promise<void> => {
    if (!isRunning(identity)) return;
    logger.warn({ pid: identity.pid }, `ending ${name}, left running by a supervisor that was killed`);
    await endProcess(identity, PATIENCE_MS);
  };
  const isRedis = ([name]: [string, ProcessIdentity]): boolean => name === REDIS_PROCESS;
  await Promise.all([...leftovers].filter((leftover) => !isRedis(leftover)).map(end));
  await Promise.all([...leftovers].filter(isRedis).map(end));
}
