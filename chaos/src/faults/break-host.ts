import type { Fault } from './fault.ts';

type HostFault = 'disk full' | 'clock jumps ahead' | 'clock jumps back';

const DAY_MS = 24 * 60 * 60_000;
const FULL_MS = 3000;
const JUMP_MS = 3000;

function clockJump(shiftMs: number): Fault {
  return {
    mayFail: false,
    holdMs: JUMP_MS,
    begin({ bed }) {
      bed.orders.setClock(shiftMs);
      return Promise.resolve(() => bed.orders.setClock(0));
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
