import type { VmId, VmRecord } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { PowerState } from '../hypervisor/hypervisor.ts';

/** How a mend ended. `kept`: there was little to do; `revived`: the machine was off and runs again. */
export type MendOutcome = 'kept' | 'revived' | 'failed';

/** A machine that stays up for so long is well. */
const CALM_MS = 10 * 60_000;
/** So many times in a row a machine that went down is started again at once. */
const FREE_REVIVALS = 2;
const FIRST_DELAY_MS = 50_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** When a VM may be mended again: what fails, or goes down again and again, is tried ever more rarely. */
export interface MendSchedule {
  /** How long to wait yet, the machine being as it is; 0 when it may be done now. */
  waitMs(vm: Pick<VmRecord, 'id' | 'generation'>, power: PowerState): number;
  /** A mend has ended that found the machine with this power. */
  ended(vm: Pick<VmRecord, 'id' | 'generation'>, power: PowerState, outcome: MendOutcome): void;
  /** Forgets all VMs but these. */
  keepOnly(ids: ReadonlySet<VmId>): void;
}

interface Entry {
  readonly generation: number;
  readonly power: PowerState;
  readonly strikes: number;
  readonly endedAt: number;
  readonly notBefore: number;
}

function delayAfter(outcome: MendOutcome, strikes: number): number {
  const doublings = outcome === 'revived' ? strikes - FREE_REVIVALS - 1 : strikes - 1;
  return doublings < 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(doublings, 20));
}

/**
 * The schedule in memory. A new intent of a requestor (another generation) begins anew, and a machine that is not as it was
 * before the last mend is looked after at once.
 */
export function createMendSchedule(clock: Pick<Clock, 'elapsed'>): MendSchedule {
  const entries = new Map<VmId, Entry>();
  const current = ({ id, generation }: Pick<VmRecord, 'id' | 'generation'>): Entry | undefined => {
    const entry = entries.get(id);
    return entry?.generation === generation ? entry : undefined;
  };
  return {
    waitMs(vm, power) {
      const entry = current(vm);
      return entry?.power === power ? Math.max(0, entry.notBefore - clock.elapsed()) : 0;
    },
    ended(vm, power, outcome) {
      if (outcome === 'kept') return;
      const now = clock.elapsed();
      const before = current(vm);
      const isCalm = before === undefined || now - Math.max(before.endedAt, before.notBefore) > CALM_MS;
      const strikes = isCalm ? 1 : before.strikes + 1;
      const { generation } = vm;
      entries.set(vm.id, { generation, power, strikes, endedAt: now, notBefore: now + delayAfter(outcome, strikes) });
    },
    keepOnly(ids) {
      for (const id of entries.keys()) if (!ids.has(id)) entries.delete(id);
    },
  };
}
