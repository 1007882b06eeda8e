import type { VmId } from '@golem-provider/contracts';
import { followSignals } from '@golem-provider/service-kit';

/** The reason with which a run is aborted when a later one overtakes it. */
export class Overtaken extends Error {
  constructor() {
    super('overtaken by a later change of the same VM');
    this.name = 'Overtaken';
  }
}

/** How a run takes its turn. */
export interface TurnOptions {
  /** Aborts whatever runs or waits for the VM instead of queueing behind it. */
  readonly overtakes: boolean;
  /** Is aborted by whatever is asked for later: nobody waits for it, and somebody does for the other. */
  readonly yields?: boolean;
  /** Aborts this run from outside. */
  readonly signal: AbortSignal;
}

/** One change at a time for a VM, in the order of asking; changes of different VMs side by side. */
export interface VmTurns {
  /** Runs when its turn comes; the signal it is given aborts when it is overtaken or the caller aborts. */
  take<Result>(id: VmId, options: TurnOptions, run: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Whether something runs or waits for the VM. */
  isBusy(id: VmId): boolean;
}

interface Turn {
  readonly controller: AbortController;
  readonly yields: boolean;
  readonly ended: Promise<unknown>;
}

/** Turns within this process; `ending` aborts all of them. */
export function createVmTurns(ending: AbortSignal): VmTurns {
  const turnsById = new Map<VmId, Set<Turn>>();
  return {
    isBusy: (id) => turnsById.has(id),
    take(id, { overtakes, yields = false, signal }, run) {
      const turns = turnsById.get(id) ?? new Set<Turn>();
      turnsById.set(id, turns);
      const earlier = [...turns];
      for (const turn of earlier) if (overtakes || turn.yields) turn.controller.abort(new Overtaken());
      const controller = new AbortController();
      const letGo = followSignals(controller, [signal, ending]);
      const result = Promise.allSettled(earlier.map((turn) => turn.ended)).then(() => run(controller.signal));
      const turn: Turn = { controller, yields, ended: result };
      turns.add(turn);
      const leave = (): void => {
        letGo();
        turns.delete(turn);
        if (turns.size === 0) turnsById.delete(id);
      };
      result.then(leave, leave);
      return result;
    },
  };
}
