import { z } from 'zod';

/** Bytes in one GiB: every size that the API calls `_gb` is a whole number of these. */
export const BYTES_PER_GIB = 1024 ** 3;

/** An amount of cores (count), memory (GiB) and storage (GiB); whole numbers, zero allowed. */
export const Resources = z
  .object({
    cpu_cores: z.int().min(0),
    memory_gb: z.int().min(0),
    storage_gb: z.int().min(0),
  })
  .meta({ id: 'Resources', description: 'Cores (count), memory and storage (GiB).' });
export type Resources = z.infer<typeof Resources>;

/** The dimensions in which a host can run out, in the order in which they are reported. */
export const DIMENSIONS = ['cpu', 'memory', 'storage'] as const;
export const Dimension = z.enum(DIMENSIONS);
export type Dimension = z.infer<typeof Dimension>;

/** Nothing of anything. */
export const NO_RESOURCES: Resources = { cpu_cores: 0, memory_gb: 0, storage_gb: 0 };

/** Sum, dimension by dimension. */
export function addResources(a: Resources, b: Resources): Resources {
  return {
    cpu_cores: a.cpu_cores + b.cpu_cores,
    memory_gb: a.memory_gb + b.memory_gb,
    storage_gb: a.storage_gb + b.storage_gb,
  };
}

/** `a - b`, dimension by dimension, never below zero: what is oversold is not available, it is not negative either. */
export function subtractResources(a: Resources, b: Resources): Resources {
  return {
    cpu_cores: Math.max(0, a.cpu_cores - b.cpu_cores),
    memory_gb: Math.max(0, a.memory_gb - b.memory_gb),
    storage_gb: Math.max(0, a.storage_gb - b.storage_gb),
  };
}

/**
 * What a host keeps for itself: 1 GiB or 10 % of memory and 10 GiB or 10 % of storage, whichever is more.
 * Cores are shared by the kernel's scheduler, so none is set aside.
 */
function hostReserve(total: Resources): Resources {
  return {
    cpu_cores: 0,
    memory_gb: Math.max(1, Math.ceil(total.memory_gb * 0.1)),
    storage_gb: Math.max(10, Math.ceil(total.storage_gb * 0.1)),
  };
}

/** What may be sold of a host with `total`: the total less the host's own reserve. */
export function sellable(total: Resources): Resources {
  return subtractResources(total, hostReserve(total));
}
