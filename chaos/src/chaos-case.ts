/** What a requestor asks for. */
export const OPERATIONS = ['create', 'stop', 'start', 'restart', 'delete', 'ssh-key', 'resize'] as const;
/** See `OPERATIONS`. */
export type OperationName = (typeof OPERATIONS)[number];

/** Deaths by `kill -9`. They come at every point of every operation. */
export const KILLS = ['kill worker', 'kill gateway', 'kill Redis'] as const;

/** Everything else that goes wrong around the services. */
export const TROUBLES = [
  'kill nginx',
  'kill the master of nginx alone',
  'unreadable file of nginx',
  'port taken by another program',
  'hypervisor hangs',
  'hypervisor dies',
  'hypervisor prints rubbish',
  'hypervisor prints half an answer',
  'hypervisor refuses once',
  'hypervisor daemon down',
  'hypervisor slow to tell an address',
  'disk full',
  'clock jumps ahead',
  'clock jumps back',
  'Redis slow',
  'Redis readonly',
  'Redis out of memory',
] as const;

/** Something that goes wrong. */
export type FaultName = (typeof KILLS)[number] | (typeof TROUBLES)[number];

/** The services that can be made to stop at a point. */
export type ServiceName = 'api-gateway' | 'vm-worker';

/** A moment at which something goes wrong: that service stands still there meanwhile. */
export interface ChaosPoint {
  readonly service: ServiceName;
  /** As the service names it. */
  readonly name: string;
}

/** One case: something goes wrong at a point of an operation. */
export interface ChaosCase {
  readonly operation: OperationName;
  readonly point: ChaosPoint;
  readonly fault: FaultName;
}

/** How a case is called in the output and by `--only`. */
export function caseName({ operation, point, fault }: ChaosCase): string {
  return `${operation}: ${fault} where ${point.name}`;
}
