import type { VmRecord } from '@golem-provider/contracts';
import type { Capabilities } from '../hypervisor/hypervisor.ts';
import { type Observed, plan } from './plan.ts';
import { isSettled, settledState } from './reconciler.ts';

/** How long the record of a failed creation is kept for those who ask what became of it. */
export const DISCARDED_RETENTION_MS = 24 * 60 * 60 * 1000;

/**
 * What a resync does with a VM of which no operation is under way. `missing`: a machine that should be there was not
 * listed, which one look alone does not prove. `expire`: the record has told its story long enough.
 */
export type Triage = 'leave' | 'settle' | 'reconcile' | 'missing' | 'expire';

/** What decides beside the record and the look. */
export interface TriageContext {
  readonly nowMs: number;
  /** That a VM which is stopped gives its cores and memory back. */
  readonly releaseOnStop: boolean;
}

/** Decides by the record and one look at the host. Pure. */
export function triage(
  vm: VmRecord,
  seen: Observed,
  can: Capabilities,
  { nowMs, releaseOnStop }: TriageContext,
): Triage {
  switch (vm.desired) {
    case 'deleted':
      return 'reconcile';
    case 'discarded': {
      const isGone = seen.power === 'absent' && seen.forward === undefined && vm.proxy_port === null;
      if (!isGone) return 'reconcile';
      return nowMs - Date.parse(vm.updated_at) > DISCARDED_RETENTION_MS ? 'expire' : 'leave';
    }
    case 'running':
    case 'stopped': {
      if (seen.power === 'absent') return 'missing';
      if (plan(vm, seen, can).length > 0) return 'reconcile';
      return isSettled(vm, settledState(vm, releaseOnStop)) ? 'leave' : 'settle';
    }
  }
}
