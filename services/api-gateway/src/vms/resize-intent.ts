import {
  type FieldProblem,
  isSameSpec,
  type ResizeVmRequest,
  type VmRecord,
  type VmSpec,
} from '@golem-provider/contracts';

/** What becomes of the wish for another size. `wished`: such a resize is under way. */
export type ResizeIntent =
  | { readonly verdict: 'accept'; readonly target: VmSpec }
  | { readonly verdict: 'wished' }
  | { readonly verdict: 'settled' }
  | { readonly verdict: 'conflict'; readonly detail: string }
  | { readonly verdict: 'invalid'; readonly fields: FieldProblem[] };

const UNITS = { cpu_cores: 'cores', memory_gb: 'GiB', storage_gb: 'GiB' } as const;
const DIMENSIONS = ['cpu_cores', 'memory_gb', 'storage_gb'] as const;

function problems(request: ResizeVmRequest, { spec }: Pick<VmRecord, 'spec'>, minimum: VmSpec): FieldProblem[] {
  return DIMENSIONS.flatMap((dimension): FieldProblem[] => {
    const wanted = request[dimension];
    // What a VM has it may keep, also where the operator has raised the minimum since.
    if (wanted === undefined || wanted === spec[dimension]) return [];
    const pointer = `/${dimension}`;
    if (dimension === 'storage_gb' && wanted < spec.storage_gb)
      return [{ pointer, detail: `must be at least ${spec.storage_gb} GiB: storage only grows` }];
    if (wanted >= minimum[dimension]) return [];
    return [{ pointer, detail: `must be at least ${minimum[dimension]} ${UNITS[dimension]}` }];
  });
}

/** Decides by the record alone, but for what is free. Pure; the answer holds for the revision that was looked at. */
export function resizeIntent(
  vm: Pick<VmRecord, 'desired' | 'status' | 'spec' | 'resize'>,
  request: ResizeVmRequest,
  minimum: VmSpec,
): ResizeIntent {
  const fields = problems(request, vm, minimum);
  if (fields.length > 0) return { verdict: 'invalid', fields };
  const target: VmSpec = {
    cpu_cores: request.cpu_cores ?? vm.spec.cpu_cores,
    memory_gb: request.memory_gb ?? vm.spec.memory_gb,
    storage_gb: request.storage_gb ?? vm.spec.storage_gb,
  };
  if (vm.desired === 'stopped' && vm.resize !== null) {
    const isSame = vm.resize.state === 'wanted' && isSameSpec(vm.resize.target, target);
    return isSame ? { verdict: 'wished' } : { verdict: 'conflict', detail: 'The VM is being resized.' };
  }
  if (vm.desired !== 'stopped' || vm.status !== 'stopped')
    return { verdict: 'conflict', detail: `Only a VM that is stopped can be resized; its status is ${vm.status}.` };
  return isSameSpec(vm.spec, target) ? { verdict: 'settled' } : { verdict: 'accept', target };
}
