import type { Fault, FaultScene } from './fault.ts';

type HypervisorFault =
  | 'hypervisor hangs'
  | 'hypervisor dies'
  | 'hypervisor prints rubbish'
  | 'hypervisor prints half an answer'
  | 'hypervisor refuses once'
  | 'hypervisor daemon down'
  | 'hypervisor slow to tell an address';

/** So long that calls that only ask run into their deadline. */
const HANG_MS = 8000;
const DOWN_MS = 2000;
/** In which the next call of the client is made. */
const CALL_MS = 3000;
/** Longer than a call that only asks may take. */
const SLOW_MS = 7000;

/** Whether the client was called since: whoever is, while the daemon does not answer, meets that. */
function watchCalls({ bed: { emulator } }: Pick<FaultScene, 'bed'>): () => boolean {
  const before = emulator.callCount();
  return () => emulator.callCount() > before;
}

/** The next call of the client goes wrong, whatever it is unless the fault names one. */
function nextCall(fault: Readonly<Record<string, string | number>>): Fault {
  return {
    mayFail: true,
    holdMs: CALL_MS,
    // A call takes the fault with it.
    watch:
      ({ bed: { emulator } }) =>
      () =>
        emulator.waitingFaults() === 0,
    begin({ bed }) {
      bed.emulator.addFault({ command: '*', ...fault });
      return Promise.resolve(() => bed.emulator.forgetFaults());
    },
  };
}

/** What the hypervisor does wrong. */
export const HYPERVISOR_FAULTS: Readonly<Record<HypervisorFault, Fault>> = {
  'hypervisor hangs': {
    mayFail: true,
    holdMs: HANG_MS,
    watch: watchCalls,
    begin({ bed }) {
      bed.emulator.freeze();
      return Promise.resolve(() => bed.emulator.thaw());
    },
  },
  'hypervisor dies': nextCall({ kind: 'die', ms: 20 }),
  'hypervisor prints rubbish': nextCall({ kind: 'rubbish', text: 'Segmentation fault \u0000 <html>' }),
  'hypervisor prints half an answer': nextCall({ kind: 'truncate' }),
  'hypervisor refuses once': nextCall({ kind: 'refuse', exitCode: 2, text: 'internal error: no such thing' }),
  'hypervisor daemon down': {
    mayFail: true,
    holdMs: DOWN_MS,
    watch: watchCalls,
    async begin({ bed }) {
      await bed.emulator.killDaemon();
      return () => bed.emulator.startDaemon();
    },
  },
  'hypervisor slow to tell an address': nextCall({ command: 'info', kind: 'slow', ms: SLOW_MS }),
};
