import { z } from 'zod';
import type { HostSample, ThresholdBreach } from './host.ts';
import { addResources, NO_RESOURCES, type Resources, subtractResources } from './resources.ts';
import { VmSpec } from './vm.ts';

/** What one VM holds of its host from the moment it is admitted. */
export const Reservation = VmSpec.extend({ port: z.int().min(1).max(65_535) });
export type Reservation = z.infer<typeof Reservation>;

/** What there is, what is held and what is free; always `total = host reserve + reserved + available` unless oversold. */
export interface Capacity {
  readonly total: Resources;
  readonly reserved: Resources;
  readonly available: Resources;
}

/** What the VMs hold together. */
export function sumReservations(reservations: readonly VmSpec[]): Resources {
  return reservations.reduce<Resources>(addResources, NO_RESOURCES);
}

/** Capacity of a host by its sample. Computed each time from what is held, so that it cannot drift. */
export function capacityOf(sample: Pick<HostSample, 'total' | 'sellable'>, reservations: readonly VmSpec[]): Capacity {
  const reserved = sumReservations(reservations);
  return { total: sample.total, reserved, available: subtractResources(sample.sellable, reserved) };
}

/** Says which thresholds a sample's breaches are about, for people: `cpu at 97 % (limit 90 %)`. */
export function describeBreaches(breaches: readonly ThresholdBreach[]): string {
  return breaches
    .map(({ dimension, value, limit }) => `${dimension} at ${value.toFixed(0)} % (limit ${limit.toFixed(0)} %)`)
    .join(', ');
}
