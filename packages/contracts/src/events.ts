import { z } from 'zod';
import { OperationId, OperationKind, OperationPhase, OperationStatus } from './operation.ts';
import { Timestamp } from './timestamp.ts';
import { Failure, VmId, VmStatus } from './vm.ts';

/** A state change, as it stands in the event stream of a host and is sent to those who listen. Holds no secret. */
export const ProviderEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('vm'), at: Timestamp, vm_id: VmId, status: VmStatus, error: Failure.nullable() }),
    z.object({
      type: z.literal('operation'),
      at: Timestamp,
      vm_id: VmId,
      job_id: OperationId,
      operation: OperationKind,
      status: OperationStatus,
      phase: OperationPhase,
      progress: z.number().nullable(),
      error: Failure.nullable(),
    }),
  ])
  .meta({ id: 'ProviderEvent', description: 'A state change.' });
export type ProviderEvent = z.infer<typeof ProviderEvent>;
