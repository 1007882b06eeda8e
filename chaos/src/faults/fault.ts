import type { VmRecord } from '@golem-provider/contracts';
import type { ChaosBed } from '../bed/chaos-bed.ts';
import type { ServiceName } from '../chaos-case.ts';

/** Where something goes wrong: a service of the bed stands still at a point of an operation. */
export interface FaultScene {
  readonly bed: ChaosBed;
  /** The service that stands still. */
  readonly stopped: ServiceName;
  /** The VM of the operation; undefined where there is no record of it yet, or none any more. */
  readonly subject: () => Promise<VmRecord | undefined>;
  /** A VM that runs and that the operation is not about. */
  readonly bystanderId: string;
}

/** Something that goes wrong. */
export interface Fault {
  /** Whether it is a reason for an operation to fail; what the provider is to be after that holds all the same. */
  readonly mayFail: boolean;
  /** How long it lasts at most; it is over sooner where the operation ends before. */
  readonly holdMs: number;
  /**
   * Of one that is there for nothing until somebody meets it: called before it begins; what it gives tells whether that has
   * happened since. Asked until it is so, and for the last time before the fault is ended.
   */
  readonly watch?: (scene: Pick<FaultScene, 'bed'>) => () => boolean;
  /** Lets it begin; resolves with what ends it, which no service is told of. */
  begin(scene: FaultScene): Promise<() => unknown>;
}

/** What has nothing to be ended: the provider mends it. */
export const NOTHING_TO_END = (): undefined => undefined;
