import type { ReservationDrift } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { ReservationAudit } from '@golem-provider/store';
import type { Mends } from './mends.ts';

/** Keeps what VMs hold in agreement with their records, and count of how often that was needed. */
export interface DriftAudit {
  /** Compares once and mends; says in the log what differed. */
  run(): Promise<void>;
  drift(): ReservationDrift;
}

/** The audit over that of the store. */
export function createDriftAudit(reservations: ReservationAudit, mends: Mends, logger: Logger): DriftAudit {
  let drift: ReservationDrift = { last: 0, total: 0 };
  return {
    async run() {
      const drifts = await reservations.mend();
      for (const { vmId, ...details } of drifts) {
        logger.error({ vm_id: vmId, ...details }, 'what the VM held was not what its record says; mended');
        await mends.tell(vmId, 'holding');
      }
      drift = { last: drifts.length, total: drift.total + drifts.length };
    },
    drift: () => drift,
  };
}
