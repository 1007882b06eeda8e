/** A moment in the taking of an operation at which the gateway might die: its record is written, its job is enqueued. */
export type FaultPoint = 'operation is accepted' | 'operation is enqueued';

/**
 * Is told of every moment at which the gateway might die. A test passes one that ends the process there; in production
 * nobody listens.
 */
export interface FaultPoints {
  reach(point: FaultPoint): void;
}

/** Nothing happens at any point. */
export const NO_FAULTS: FaultPoints = { reach: () => undefined };
