import { pause } from '@golem-provider/service-kit';
import { audit, lasting } from './audit.ts';
import { collectWorld, type WorldSources } from './collect-world.ts';
import type { Finding } from './finding.ts';

/** Between two looks, long enough for a change that one of them fell into. */
const SECOND_LOOK_MS = 1000;

/** Looks, and once more where something was found; resolves with what was there both times. Changes nothing. */
export async function runAudit(sources: WorldSources, signal: AbortSignal): Promise<Finding[]> {
  const first = audit(await collectWorld(sources, signal));
  if (first.length === 0) return [];
  await pause(SECOND_LOOK_MS, signal);
  return lasting(first, audit(await collectWorld(sources, signal)));
}
