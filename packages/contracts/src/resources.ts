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

/** The larger of the two, dimension by dimension. */
export function largerOf(a: Resources, b: Resources): Resources {
  return {
    cpu_cores: Math.max(a.cpu_cores, b.cpu_cores),
    memory_gb: Math.max(a.memory_gb, b.memory_gb),
    storage_gb: Math.max(a.storage_gb, b.storage_gb),
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

/** How much of a host is sold, by the settings. */
export interface SellingRule {
  /** What the host keeps: so much, or the percentage of the total where that is more. */
  readonly reserve: { readonly memoryGb: number; readonly storageGb: number; readonly percent: number };
  /** How many cores are sold for each one that is there. */
  readonly cpuOvercommit: number;
}

/** The rule that the settings have where nothing is set. */
export const DEFAULT_SELLING_RULE: SellingRule = {
  reserve: { memoryGb: 1, storageGb: 10, percent: 10 },
  cpuOvercommit: 1,
};

/** What a host keeps for itself. Cores are shared by the kernel's scheduler, so none is set aside. */
export function hostReserve(total: Resources, { reserve }: SellingRule): Resources {
  const share = (amount: number): number => Math.ceil((amount * reserve.percent) / 100);
  return {
    cpu_cores: 0,
    memory_gb: Math.max(reserve.memoryGb, share(total.memory_gb)),
    storage_gb: Math.max(reserve.storageGb, share(total.storage_gb)),
  };
}

/** `total` with the cores counted as often as they are sold. */
export function withOvercommit(total: Resources, cpuOvercommit: number): Resources {
  return { ...total, cpu_cores: Math.floor(total.cpu_cores * cpuOvercommit) };
}

/** What may be sold of a host on which nothing but VMs takes storage: the total less the host's own reserve. */
export function sellable(total: Resources, rule: SellingRule = DEFAULT_SELLING_RULE): Resources {
  return subtractResources(withOvercommit(total, rule.cpuOvercommit), hostReserve(total, rule));
}
