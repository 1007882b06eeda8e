import { z } from 'zod';
import { OperationId, OperationKind, OperationPhase, OperationStatus } from './operation.ts';
import { Timestamp } from './timestamp.ts';
import { Failure, VmId, VmStatus } from './vm.ts';

/** What the worker puts right by itself. */
export const MendKind = z.enum(['vm', 'record', 'manifest', 'holding', 'job', 'stray', 'port']).meta({
  id: 'MendKind',
  description:
    'vm: machine or forward are again as the VM is wished. record: a VM that Redis had lost is back from its manifest. ' +
    'manifest: one that cannot be trusted was set aside. holding: what the VM held was not what its record says. ' +
    'job: an operation had lost its job. stray: what was left of a VM without record is removed. ' +
    'port: another program had the port of the VM, which has another one now.',
});
export type MendKind = z.infer<typeof MendKind>;

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
    z.object({ type: z.literal('mend'), at: Timestamp, vm_id: VmId, mend: MendKind }),
  ])
  .meta({ id: 'ProviderEvent', description: 'A state change.' });
export type ProviderEvent = z.infer<typeof ProviderEvent>;

/** Media type of a stream of events. */
export const EVENT_STREAM_MEDIA_TYPE = 'text/event-stream';

/** Place of an event among the events of a host, by which a listener resumes: the id of its entry in Redis. */
export const EventId = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/, 'must be the id of an event')
  .meta({
    id: 'EventId',
    description: 'Place of an event; send it as Last-Event-ID to resume.',
    example: '1767268800000-0',
  });
export type EventId = z.infer<typeof EventId>;

/** What a listener gets first whose place is not kept any more: what happened in between is not told. */
const GapEvent = z
  .object({
    type: z.literal('gap'),
    last_event_id: EventId.describe('The place that was asked for.'),
  })
  .meta({ id: 'GapEvent', description: 'Events between the place that was asked for and the next event are lost.' });

/** The data of a Server-Sent Event; its name is the `type`. */
export const StreamedEvent = z.union([ProviderEvent, GapEvent]).meta({
  id: 'StreamedEvent',
  description: 'The data of one event of a stream, as JSON. The name of the event is its type.',
});
export type StreamedEvent = z.infer<typeof StreamedEvent>;
