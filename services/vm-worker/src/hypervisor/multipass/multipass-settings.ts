import { BYTES_PER_GIB, type VmSpec } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';

/** What an instance is given, by the words of `get` and `set`. */
export type MultipassProperty = 'cpus' | 'memory' | 'disk';

/** What `get` printed for each property of one instance. */
export type PropertyTexts = Readonly<Record<MultipassProperty, string>>;

/** In the order in which they are set: what only grows comes last, so that a failure leaves a disk that can still be what it was. */
export const MULTIPASS_PROPERTIES = ['cpus', 'memory', 'disk'] as const satisfies readonly MultipassProperty[];

const FACTORS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: BYTES_PER_GIB } as const;

function unreadable(property: MultipassProperty, text: string): AppError {
  return new AppError('HYPERVISOR_FAILED', `reading the ${property} of an instance: ${JSON.stringify(text)} is none`);
}

function parseCount(text: string): number {
  const count = text.trim();
  if (!/^[1-9]\d{0,5}$/.test(count)) throw unreadable('cpus', text);
  return Number(count);
}

/** Multipass rounds to one decimal of the largest unit that fits; what is not a whole number of GiB is rounded up. */
function parseGib(property: 'memory' | 'disk', text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(text.trim()) ?? [];
  const factor = Object.entries(FACTORS).find(([name]) => name === unit)?.[1];
  if (number === undefined || factor === undefined || Number(number) === 0) throw unreadable(property, text);
  return Math.ceil((Number(number) * factor) / BYTES_PER_GIB);
}

/**
 * Reads what `get` prints: `2`, `512.0MiB`, `5.0GiB`. Pure.
 *
 * @throws AppError `HYPERVISOR_FAILED` for anything else.
 */
export function parseProperties({ cpus, memory, disk }: PropertyTexts): VmSpec {
  return { cpu_cores: parseCount(cpus), memory_gb: parseGib('memory', memory), storage_gb: parseGib('disk', disk) };
}

/** What `set` takes for each property. Pure. */
export function propertiesOf({ cpu_cores, memory_gb, storage_gb }: VmSpec): PropertyTexts {
  return { cpus: String(cpu_cores), memory: `${memory_gb}G`, disk: `${storage_gb}G` };
}
