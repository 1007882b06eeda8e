import { auditHost } from './audit-host.ts';
import { auditRecords } from './audit-records.ts';
import type { Finding } from './finding.ts';
import type { World } from './world.ts';

/** Everything in which the world differs from the wish, in a fixed order. Pure; empty where all is as it should be. */
export function audit(world: World): Finding[] {
  return [...auditRecords(world), ...auditHost(world)];
}

/** What was found both times: what is just being changed differs for a moment only. */
export function lasting(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const name = ({ kind, vm_id, detail }: Finding): string => `${kind} ${vm_id ?? ''} ${detail}`;
  const seen = new Set(first.map(name));
  return second.filter((finding) => seen.has(name(finding)));
}
