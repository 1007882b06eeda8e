import { z } from 'zod';
import type { HostSample, ThresholdBreach } from './host.ts';
import { addResources, largerOf, NO_RESOURCES, Resources, subtractResources, withOvercommit } from './resources.ts';
import type { VmRecord } from './vm-record.ts';

/** What one VM holds of its host: a place, a port, storage, and the cores and memory that it has not given back. */
export const Reservation = Resources.extend({ port: z.int().min(1).max(65_535) });
export type Reservation = z.infer<typeof Reservation>;

/**
 * What a VM holds by its record; undefined once a failed creation has given everything back. The one rule: whoever writes
 * a record writes what follows from it in the same step, so that the two can never differ.
 */
export function reservationOf(
  vm: Pick<VmRecord, 'spec' | 'proxy_port' | 'released' | 'resize'>,
): Reservation | undefined {
  const { spec, proxy_port: port, released, resize } = vm;
  if (port === null) return undefined;
  // Which of the two sizes the machine has is not known before the resize has ended.
  const size = resize === null ? spec : largerOf(spec, resize.target);
  return released ? { cpu_cores: 0, memory_gb: 0, storage_gb: size.storage_gb, port } : { ...size, port };
}

/**
 * What there is, what the host keeps, what VMs hold and what is free. `total = host_reserve + reserved + available`, with
 * the cores of the total times `cpu_overcommit`. Where the host has shrunk below what is held, `available` is zero and
 * `host_reserve` is what is left.
 */
export interface Capacity {
  readonly total: Resources;
  readonly cpu_overcommit: number;
  readonly host_reserve: Resources;
  readonly reserved: Resources;
  readonly available: Resources;
}

/** What the VMs hold together. */
export function sumReservations(reservations: readonly Resources[]): Resources {
  return reservations.reduce<Resources>(addResources, NO_RESOURCES);
}

/** Capacity of a host by its sample. Computed each time from what is held, so that it cannot drift. */
export function capacityOf(
  { total, sellable, cpu_overcommit }: Pick<HostSample, 'total' | 'sellable' | 'cpu_overcommit'>,
  reservations: readonly Resources[],
): Capacity {
  const reserved = sumReservations(reservations);
  const available = subtractResources(sellable, reserved);
  const host_reserve = subtractResources(withOvercommit(total, cpu_overcommit), addResources(reserved, available));
  return { total, cpu_overcommit, host_reserve, reserved, available };
}

function describeBreach({ dimension, value, limit }: ThresholdBreach): string {
  const lately = value > limit ? '' : ', was over it lately';
  return `${dimension} at ${value.toFixed(0)} % (limit ${limit.toFixed(0)} %${lately})`;
}

/** Says which thresholds a sample's breaches are about, for people: `cpu at 97 % (limit 90 %)`. */
export function describeBreaches(breaches: readonly ThresholdBreach[]): string {
  return breaches.map(describeBreach).join(', ');
}
