import type { Resources } from './resources.ts';

const UNITS: Readonly<Record<keyof Resources, string>> = {
  cpu_cores: 'cores',
  memory_gb: 'GiB of memory',
  storage_gb: 'GiB of storage',
};

/** The word for an amount of a dimension: `core`, `cores`, `GiB of memory`. */
export function unitText(dimension: keyof Resources, amount: number): string {
  return dimension === 'cpu_cores' && amount === 1 ? 'core' : UNITS[dimension];
}

/** What a VM or a host has, in words for people: `1 core, 4 GiB of memory, 20 GiB of storage`. */
export function resourcesText({ cpu_cores, memory_gb, storage_gb }: Resources): string {
  const amounts = [
    ['cpu_cores', cpu_cores],
    ['memory_gb', memory_gb],
    ['storage_gb', storage_gb],
  ] as const;
  return amounts.map(([dimension, amount]) => `${amount} ${unitText(dimension, amount)}`).join(', ');
}

/** A limit of VMs in words: `1 VM`, `10 VMs`. */
export function vmCountText(count: number): string {
  return `${count} ${count === 1 ? 'VM' : 'VMs'}`;
}
