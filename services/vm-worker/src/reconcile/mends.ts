import type { MendKind, VmId } from '@golem-provider/contracts';
import type { Logger } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import { LeaseLost, type MendLog } from '@golem-provider/store';

/** Told of all that is put right without anybody asking; whoever does it says in the log what it was. */
export interface Mends {
  /** Counts it and adds its event. An event that cannot be added is logged: the mend is done all the same. */
  tell(id: VmId, mend: MendKind): Promise<void>;
}

/** See `Mends`. */
export function createMends(log: MendLog, metrics: Pick<Metrics, 'count'>, logger: Logger): Mends {
  return {
    async tell(id, mend) {
      metrics.count('mends_total', { kind: mend });
      try {
        await log.add(id, mend);
      } catch (err) {
        if (err instanceof LeaseLost) throw err;
        logger.warn({ err, vm_id: id, mend }, 'the event of a mend could not be added');
      }
    },
  };
}
