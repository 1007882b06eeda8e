import {
  type CreateVmRequest,
  type FieldProblem,
  type HypervisorInfo,
  ImageName,
  requestedSpec,
  type VmSpec,
} from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';

const NUMBERS = [
  { dimension: 'cpu_cores', short: 'cpu', unit: 'cores' },
  { dimension: 'memory_gb', short: 'memory', unit: 'GiB' },
  { dimension: 'storage_gb', short: 'storage', unit: 'GiB' },
] as const;

/** Where in the request the number of a dimension stands. */
function pointerOf(request: CreateVmRequest, { dimension, short }: (typeof NUMBERS)[number]): string {
  if (request.size !== undefined) return '/size';
  return request.resources?.[short] === undefined ? `/${dimension}` : `/resources/${short}`;
}

/**
 * What a request asks for in numbers.
 *
 * @throws AppError `INVALID_REQUEST` for numbers, or a size, below the smallest VM of this host.
 */
export function wishedSpec(request: CreateVmRequest, minimum: VmSpec): VmSpec {
  const spec = requestedSpec(request, minimum);
  const details = new Map<string, string>();
  for (const number of NUMBERS.filter(({ dimension }) => spec[dimension] < minimum[dimension])) {
    const pointer = pointerOf(request, number);
    const detail = `must be at least ${minimum[number.dimension]} ${number.unit}`;
    details.set(pointer, [details.get(pointer) ?? [], detail].flat().join('; '));
  }
  if (details.size === 0) return spec;
  const fields: FieldProblem[] = [...details].map(([pointer, detail]) => ({ pointer, detail }));
  throw new AppError('INVALID_REQUEST', `sizing ${request.name}`, { fields });
}

/** What decides about the image of a new VM. */
export interface ImageChoice {
  readonly asked: ImageName | undefined;
  /** The operator's default. */
  readonly fallback: ImageName | undefined;
  /** What the operator allows beside the catalogue. */
  readonly allowed: readonly string[];
  /** As the worker reported it. */
  readonly hypervisor: HypervisorInfo;
}

/**
 * The image of a new VM, as it was asked for: what it is an alias of is for the worker to say.
 *
 * @throws AppError `IMAGE_UNKNOWN` for one that is neither in the catalogue nor allowed.
 */
export function wishedImage({ asked, fallback, allowed, hypervisor }: ImageChoice): ImageName {
  const image = asked ?? fallback;
  if (image === undefined) return ImageName.parse(hypervisor.default_image);
  const names = hypervisor.images.flatMap(({ name, aliases }) => [name, ...aliases]);
  if ([...names, ...allowed, hypervisor.default_image].includes(image)) return image;
  const whose = asked === undefined ? "the provider's default image" : 'the image';
  throw new AppError('IMAGE_UNKNOWN', `choosing the image ${image}`, {
    fields: [{ pointer: '/image', detail: `${whose} ${image} is not in the catalogue` }],
  });
}
