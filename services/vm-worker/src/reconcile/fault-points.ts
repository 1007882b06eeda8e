import type { StepName } from './plan.ts';

/** A moment in the work on an operation, or in a look at the host, at which the worker might die. */
export type FaultPoint = `${StepName | 'look'} ${'begins' | 'ends'}` | `operation ${'begins' | 'ends' | 'is recorded'}`;

/**
 * Is told of every moment at which the worker might die. A test passes one that ends the process there; in production
 * nobody listens.
 */
export interface FaultPoints {
  reach(point: FaultPoint): void;
}

/** Nothing happens at any point. */
export const NO_FAULTS: FaultPoints = { reach: () => undefined };
