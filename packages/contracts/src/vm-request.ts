import { z } from 'zod';
import { ImageName } from './image-name.ts';
import { SshPublicKey } from './ssh-key.ts';
import { JobAccepted } from './operation.ts';
import { Vm, VM_SIZES, VmName, VmSize, type VmSpec } from './vm.ts';

// Far above any machine, far below where arithmetic or a command line would suffer.
const cores = z.int().min(1).max(1024);
const gibibytes = z.int().min(1).max(1_048_576);

/**
 * The body of `POST /vms`: a `size`, or explicit numbers (flat, or under `resources` as the original requestor sends
 * them), or neither. Unknown fields are refused. `stream_id` is what today's requestors add; it is stored and ignored.
 */
export const CreateVmRequest = z
  .strictObject({
    name: VmName,
    size: VmSize.optional(),
    cpu_cores: cores.optional(),
    memory_gb: gibibytes.optional(),
    storage_gb: gibibytes.optional(),
    resources: z
      .strictObject({ cpu: cores.optional(), memory: gibibytes.optional(), storage: gibibytes.optional() })
      .optional(),
    image: ImageName.optional(),
    ssh_key: SshPublicKey.optional(),
    stream_id: z.union([z.string().max(256), z.int()]).nullish(),
  })
  .superRefine((request, context) => {
    const flat = (['cpu_cores', 'memory_gb', 'storage_gb'] as const).filter((field) => request[field] !== undefined);
    if (request.size !== undefined && (flat.length > 0 || request.resources !== undefined)) {
      context.addIssue({ code: 'custom', path: ['size'], message: 'cannot stand beside explicit numbers' });
    }
    if (request.resources !== undefined && flat.length > 0) {
      context.addIssue({ code: 'custom', path: ['resources'], message: `cannot stand beside ${flat.join(', ')}` });
    }
  })
  .meta({
    id: 'CreateVmRequest',
    description: 'What a requestor asks for.',
    example: { name: 'my-webserver', cpu_cores: 2, memory_gb: 4, storage_gb: 20, image: 'ubuntu:24.04' },
  });
export type CreateVmRequest = z.infer<typeof CreateVmRequest>;

/** What a request asks for in numbers; what it leaves out gets the smallest amount that this host gives. */
export function requestedSpec(request: CreateVmRequest, minimum: VmSpec): VmSpec {
  if (request.size !== undefined) return VM_SIZES[request.size];
  return {
    cpu_cores: request.cpu_cores ?? request.resources?.cpu ?? minimum.cpu_cores,
    memory_gb: request.memory_gb ?? request.resources?.memory ?? minimum.memory_gb,
    storage_gb: request.storage_gb ?? request.resources?.storage ?? minimum.storage_gb,
  };
}

/** The body of `POST /vms/{id}/resize`: what is left out stays as it is. */
export const ResizeVmRequest = z
  .strictObject({
    cpu_cores: cores.optional(),
    memory_gb: gibibytes.optional(),
    storage_gb: gibibytes.optional().describe('At least what the VM has: storage only grows.'),
  })
  .refine((request) => Object.values(request).some((value) => value !== undefined), {
    message: 'must name at least one of cpu_cores, memory_gb and storage_gb',
  })
  .meta({ id: 'ResizeVmRequest', description: 'What a stopped VM is to have.' });
export type ResizeVmRequest = z.infer<typeof ResizeVmRequest>;

/** The answer of `GET /vms/{id}/access`. `private_key` only where the provider made the pair. */
export const VmAccess = z
  .object({
    vm_id: z.string(),
    ssh_host: z.string(),
    ssh_port: z.int(),
    ssh_user: z.string(),
    ssh_key: z.object({ public_key: z.string(), private_key: z.string().optional().describe('OpenSSH format.') }),
    ssh_host_key: z.string().nullable().describe('Public key with which the VM proves its identity; for known_hosts.'),
  })
  .meta({ id: 'VmAccess', description: 'How to log in to a VM.' });
export type VmAccess = z.infer<typeof VmAccess>;

/** What `GET /vms/{id}/access` answers while there is nothing to log in to yet. */
export const VmAccessPending = z
  .object({ vm_id: z.string(), status: z.string() })
  .meta({ id: 'VmAccessPending', description: 'The VM is still being created.' });
export type VmAccessPending = z.infer<typeof VmAccessPending>;

const ownerToken = z
  .string()
  .optional()
  .describe(
    'Sent as `Authorization: Bearer`, it answers for the VM from wherever a request comes; shown here alone, to whoever is not the operator and has no such token yet.',
  )
  .meta({ example: 'gpo_4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10.wJhtrQkZ3m0q1vUyq8sYbA5l0mF7dXr2c4eT6gN9pKs' });

/** The answer 201 of a creation. */
export const CreatedVm = Vm.extend({ owner_token: ownerToken }).meta({
  id: 'CreatedVm',
  description: 'A VM that was created, and what answers for it.',
});
export type CreatedVm = z.infer<typeof CreatedVm>;

/** The answer 202 of a creation. */
export const CreationAccepted = JobAccepted.extend({ owner_token: ownerToken }).meta({
  id: 'CreationAccepted',
  description: 'The creation goes on; poll the job. The token answers for both.',
});
export type CreationAccepted = z.infer<typeof CreationAccepted>;
