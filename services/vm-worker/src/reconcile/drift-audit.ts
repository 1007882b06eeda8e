import type { ReservationDrift, VmRecord } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { ReservationAudit } from '@golem-provider/store';
import type { Mends } from './mends.ts';

/** Keeps what VMs hold in agreement with their records, and count of how often that was needed. */
export interface DriftAudit {
  /** Compares once with the records, as they were read a moment ago, and mends; says in the log what differed. */
  run(vms: readonly VmRecord[]): Promise<void>;
  drift(): ReservationDrift;
}

/** The audit over that of the store. */
export function createDriftAudit(reservations: ReservationAudit, mends: Mends, logger: Logger): DriftAudit {
  let drift: ReservationDrift = { last: 0, total: 0 };
  return {
    async run(vms) {
      const drifts = await reservations.mend(vms);
      for (const { vmId, ...details } of drifts) {
        logger.error({ vm_id: vmId, ...details }, 'what the VM held was not what its record says; mended');
        await mends.tell(vmId, 'holding');
      }
      drift = { last: drifts.length, total: drift.total + drifts.length };
    },
    drift: () => drift,
  };
}
