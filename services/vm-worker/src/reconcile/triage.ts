import type { VmRecord } from '@golem-provider/contracts';
import type { Capabilities } from '../hypervisor/hypervisor.ts';
import { type Observed, plan } from './plan.ts';
import { isSettled, settledState } from './reconciler.ts';

/**
 * What a resync does with a VM of which no operation is under way. `missing`: a machine that should be there was not
 * listed, which one look alone does not prove. `trashed`: somebody deleted the machine in the hypervisor, but not for good;
 * that is undone only when asked for. `discarded`: nothing is left but the record, which goes once it has told its story
 * long enough.
 */
export type Triage = 'leave' | 'settle' | 'reconcile' | 'missing' | 'trashed' | 'discarded';

/** Decides by the record, one look at the host, and whether a VM that is stopped gives its cores and memory back. Pure. */
export function triage(vm: VmRecord, seen: Observed, can: Capabilities, releaseOnStop: boolean): Triage {
  switch (vm.desired) {
    case 'deleted':
      return 'reconcile';
    case 'discarded': {
      const isGone = seen.power === 'absent' && seen.forward === undefined && vm.proxy_port === null;
      return isGone ? 'discarded' : 'reconcile';
    }
    case 'running':
    case 'stopped': {
      if (seen.power === 'absent') return 'missing';
      if (vm.desired === 'running' && seen.isTrashed === true) return 'trashed';
      if (plan(vm, seen, can).length > 0) return 'reconcile';
      return isSettled(vm, settledState(vm, releaseOnStop)) && vm.error === null ? 'leave' : 'settle';
    }
  }
}
