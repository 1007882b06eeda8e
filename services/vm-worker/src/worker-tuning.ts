import type { Clock } from '@golem-provider/service-kit';
import type { MultipassTuning } from './hypervisor/multipass/multipass-hypervisor.ts';
import type { QueueTiming } from './queue/job-locks.ts';
import type { FaultPoints } from './reconcile/fault-points.ts';
import type { ResyncTiming } from './reconcile/resync.ts';

/** What tests do otherwise: another clock, shorter times, a death at a point of their choice. */
export interface WorkerTuning {
  /** For all but the lease, which Redis times. */
  readonly clock?: Clock;
  readonly faults?: FaultPoints;
  readonly resync?: Partial<ResyncTiming>;
  readonly queue?: Partial<QueueTiming>;
  readonly multipass?: MultipassTuning;
  /** How many machines may start at once, whatever the hypervisor is good for. */
  readonly launchSlots?: number;
}
