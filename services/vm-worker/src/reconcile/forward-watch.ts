import type { SshTarget, VmId, VmRecord } from '@golem-provider/contracts';
import { type Clock, type Logger, type Periodic, periodic } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import type { VmTurns } from '../operations/vm-turns.ts';

const INTERVAL_MS = 3000;
/** While a guest is silent. */
const SILENT_INTERVAL_MS = 1500;
const LONGEST_BETWEEN_LOOKS_MS = 60_000;

/** What a watch works with. */
export interface ForwardWatchDeps {
  readonly records: Pick<RecordStore, 'listVms'>;
  readonly turns: Pick<VmTurns, 'isBusy'>;
  /** Whether something takes connections there. */
  readonly isListening: (target: SshTarget, signal: AbortSignal) => Promise<boolean>;
  /** Asks for a look at the host soon. */
  readonly look: () => void;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly logger: Logger;
}

interface Silence {
  readonly sinceMs: number;
  lookedAtMs: number;
}

/** Looks are asked for at once, and the longer a guest is silent, the more rarely: it may have switched off its sshd. */
function isLookDue({ sinceMs, lookedAtMs }: Silence, nowMs: number): boolean {
  return nowMs - lookedAtMs >= Math.min(LONGEST_BETWEEN_LOOKS_MS, (lookedAtMs - sinceMs) / 4);
}

/**
 * Notices within seconds that a guest went down or has another address, long before the next resync: every few seconds it
 * knocks where the forwards of running VMs lead to. A knock costs next to nothing, while a look at the hypervisor starts
 * programs; so looks are asked for only when a guest does not answer.
 */
export function createForwardWatch(deps: ForwardWatchDeps): Periodic {
  const { records, turns, isListening, look, clock, logger } = deps;
  const silences = new Map<VmId, Silence>();

  const knock = async ({ id, ssh_target: target }: VmRecord, signal: AbortSignal): Promise<boolean> => {
    if (target === null || (await isListening(target, signal))) {
      if (silences.delete(id)) logger.info({ vm_id: id }, 'the guest answers again');
      return false;
    }
    const now = clock.elapsed();
    const silence = silences.get(id) ?? { sinceMs: now, lookedAtMs: -Infinity };
    if (!silences.has(id)) logger.info({ vm_id: id, target }, 'the guest does not answer');
    silences.set(id, silence);
    if (!isLookDue(silence, now)) return false;
    silence.lookedAtMs = now;
    return true;
  };

  return periodic({
    name: 'forward watch',
    intervalMs: () => (silences.size > 0 ? SILENT_INTERVAL_MS : INTERVAL_MS),
    logger,
    run: async (signal) => {
      const vms = (await records.listVms()).filter(
        (vm) => vm.desired === 'running' && vm.status === 'running' && !turns.isBusy(vm.id),
      );
      const watched = new Set(vms.map((vm) => vm.id));
      for (const id of silences.keys()) if (!watched.has(id)) silences.delete(id);
      const wishes = await Promise.all(vms.map((vm) => knock(vm, signal)));
      if (wishes.some(Boolean)) look();
    },
  });
}
