import { z } from 'zod';
import { ErrorCode } from './error-codes.ts';
import { Timestamp } from './timestamp.ts';

/** `golem-<name>-<YYYYMMDD-HHMMSS>` (UTC): a valid host name, a valid Multipass name, safe as a file name. */
export const VmId = z
  .string()
  .max(63)
  .regex(/^golem-[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-\d{8}-\d{6}$/)
  .brand<'VmId'>()
  .meta({ id: 'VmId', description: 'Identifier of a VM.', example: 'golem-my-webserver-20260101-120000' });
export type VmId = z.infer<typeof VmId>;

/** What the requestor calls the VM. Names need not be unique. */
export const VmName = z
  .string()
  .min(3, 'must have at least 3 characters')
  .max(64, 'must have at most 64 characters')
  .regex(/^[a-z0-9-]*$/, 'may hold a-z, 0-9 and - only')
  .regex(/^[^-](.*[^-])?$/s, 'must start and end with a letter or digit')
  .regex(/^(?!.*--)/s, 'must not hold two hyphens in a row')
  .brand<'VmName'>()
  .meta({ id: 'VmName', description: 'Name of a VM, chosen by the requestor.', example: 'my-webserver' });
export type VmName = z.infer<typeof VmName>;

/** What a VM is given. Every VM has at least one core, 1 GiB of memory and 1 GiB of storage. */
export const VmSpec = z.object({
  cpu_cores: z.int().min(1),
  memory_gb: z.int().min(1),
  storage_gb: z.int().min(1),
});
export type VmSpec = z.infer<typeof VmSpec>;

/** The sizes with a name. */
export const VM_SIZES = {
  small: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
  medium: { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
  large: { cpu_cores: 4, memory_gb: 8, storage_gb: 40 },
  xlarge: { cpu_cores: 8, memory_gb: 16, storage_gb: 80 },
} as const satisfies Record<string, VmSpec>;
export const VmSize = z.enum(['small', 'medium', 'large', 'xlarge']).meta({ id: 'VmSize' });
export type VmSize = z.infer<typeof VmSize>;

/** The size that a VM with this is; null where it is none of them. */
export function sizeOf(spec: VmSpec): VmSize | null {
  return VmSize.options.find((size) => isSameSpec(VM_SIZES[size], spec)) ?? null;
}

/** Whether two are the same in every dimension. */
export function isSameSpec(a: VmSpec, b: VmSpec): boolean {
  return a.cpu_cores === b.cpu_cores && a.memory_gb === b.memory_gb && a.storage_gb === b.storage_gb;
}

/** The state that a requestor sees. `unknown`: the hypervisor did not answer, which says nothing about the VM. */
export const VmStatus = z
  .enum([
    'creating',
    'running',
    'stopping',
    'stopped',
    'starting',
    'restarting',
    'deleting',
    'deleted',
    'error',
    'unknown',
  ])
  .meta({ id: 'VmStatus', description: 'State of a VM.' });
export type VmStatus = z.infer<typeof VmStatus>;

/** The last failure of a VM or of an operation, in words for the requestor. */
export const Failure = z
  .object({ code: ErrorCode, message: z.string() })
  .meta({ id: 'Failure', description: 'The last failure: a stable code and a message.' });
export type Failure = z.infer<typeof Failure>;

/** A VM as the API shows it. `resources` and `ssh_port` repeat other fields under the names that existing requestors read. */
export const Vm = z
  .object({
    id: VmId,
    name: VmName,
    status: VmStatus,
    ip_address: z.string().nullable().describe('Address of the VM on its host.'),
    cpu_cores: VmSpec.shape.cpu_cores,
    memory_gb: VmSpec.shape.memory_gb,
    storage_gb: VmSpec.shape.storage_gb,
    size: VmSize.nullable(),
    image: z.string(),
    proxy_host: z.string().describe('Host at which ssh reaches the VM from outside.'),
    proxy_port: z.int().nullable().describe('Port at which ssh reaches the VM from outside.'),
    created_at: Timestamp,
    updated_at: Timestamp,
    error: Failure.nullable(),
    resources: z
      .object({ cpu: z.int(), memory: z.int(), storage: z.int() })
      .describe('The same as the three fields above.'),
    ssh_port: z.int().nullable().describe('The same as proxy_port.'),
  })
  .meta({
    id: 'Vm',
    description: 'A virtual machine.',
    example: {
      id: 'golem-my-webserver-20260101-120000',
      name: 'my-webserver',
      status: 'running',
      ip_address: '10.37.189.23',
      cpu_cores: 2,
      memory_gb: 4,
      storage_gb: 20,
      size: 'medium',
      image: 'ubuntu:24.04',
      proxy_host: '203.0.113.7',
      proxy_port: 50800,
      created_at: '2026-01-01T12:00:00.000Z',
      updated_at: '2026-01-01T12:00:31.250Z',
      error: null,
      resources: { cpu: 2, memory: 4, storage: 20 },
      ssh_port: 50800,
    },
  });
export type Vm = z.infer<typeof Vm>;
