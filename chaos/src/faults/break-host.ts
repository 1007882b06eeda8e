import type { Fault, FaultScene } from './fault.ts';

type HostFault = 'disk full' | 'clock jumps ahead' | 'clock jumps back';

const DAY_MS = 24 * 60 * 60_000;
const FULL_MS = 3000;
const JUMP_MS = 3000;

/** The clock of the host, which the services read and by which Redis lets keys expire, the lease of the worker among them. */
function clockJump(shiftMs: number): Fault {
  const jump = async ({ bed }: Pick<FaultScene, 'bed'>, from: number, to: number): Promise<void> => {
    bed.orders.setClock(to);
    await bed.redis.shiftExpiries(from - to);
    // As the monitor does every few seconds: of what has expired no other is left to say it anew.
    await bed.reportHost();
  };
  return {
    mayFail: false,
    holdMs: JUMP_MS,
    async begin(scene) {
      await jump(scene, 0, shiftMs);
      return () => jump(scene, shiftMs, 0);
    },
  };
}

/** What happens to the host. */
export const HOST_FAULTS: Readonly<Record<HostFault, Fault>> = {
  'disk full': {
    mayFail: true,
    holdMs: FULL_MS,
    begin({ bed }) {
      bed.fillDisk();
      return Promise.resolve(() => bed.emptyDisk());
    },
  },
  'clock jumps ahead': clockJump(DAY_MS),
  'clock jumps back': clockJump(-DAY_MS),
};
