import { NO_RESOURCES, type Reservation, type Resources, subtractResources } from '@golem-provider/contracts';

/** By how much a VM holds more than before, dimension by dimension; zero where it holds less. */
export function growthOf(before: Reservation | undefined, after: Reservation | undefined): Resources {
  const { cpu_cores, memory_gb, storage_gb } = after ?? NO_RESOURCES;
  return subtractResources({ cpu_cores, memory_gb, storage_gb }, before ?? NO_RESOURCES);
}

/** Whether it is nothing in every dimension. */
export function isNothing({ cpu_cores, memory_gb, storage_gb }: Resources): boolean {
  return cpu_cores === 0 && memory_gb === 0 && storage_gb === 0;
}
