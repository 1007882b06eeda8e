import { z } from 'zod';
import { Owner } from './access.ts';
import { HostId } from './host.ts';
import { ImageName } from './image-name.ts';
import { SshPublicKey } from './ssh-key.ts';
import { SshKey } from './vm-ssh-key.ts';
import { Timestamp } from './timestamp.ts';
import { Failure, type Vm, VmId, VmName, VmSize, VmSpec, VmStatus } from './vm.ts';

/**
 * What the VM should be. `deleted`: nothing is left of it, the record neither. `discarded`: its creation failed; nothing is
 * left of it but the record, which says why until it is deleted or a day has passed.
 */
const DesiredState = z.enum(['running', 'stopped', 'deleted', 'discarded']);
type DesiredState = z.infer<typeof DesiredState>;

/** Where the worker's proxy finds the guest's sshd: the VM's own address, or a port on the host's loopback. */
export const SshTarget = z.object({ host: z.string(), port: z.int().min(1).max(65_535) });
export type SshTarget = z.infer<typeof SshTarget>;

/** A secret sealed with AES-256-GCM under the key in the data directory; see the seal in `service-kit`. */
export const SealedSecret = z
  .string()
  .regex(/^v1\.[A-Za-z0-9+/=]+\.[A-Za-z0-9+/=]+\.[A-Za-z0-9+/=]+$/)
  .brand<'SealedSecret'>();
export type SealedSecret = z.infer<typeof SealedSecret>;

/** What is known of the key pairs of a VM. The secret halves are sealed; nothing else in Redis holds them. */
export const VmKeys = z.object({
  /** Who made the login key pair. `provider` until the worker has made it when `public_key` is null. */
  origin: z.enum(['provider', 'requestor']),
  public_key: SshPublicKey.nullable(),
  sealed_private_key: SealedSecret.nullable(),
  host_public_key: SshPublicKey.nullable(),
  sealed_host_private_key: SealedSecret.nullable(),
  /** The pair by which the provider runs commands in the guest; null where the hypervisor needs none. */
  management_public_key: SshPublicKey.nullable().default(null),
  sealed_management_private_key: SealedSecret.nullable().default(null),
});
export type VmKeys = z.infer<typeof VmKeys>;

/**
 * A resize under way. `wanted`: the machine is to get the target; what it holds is the larger of old and new in each
 * dimension until then. `abandoned`: it failed; the record is to say what the machine has in truth.
 */
const VmResize = z.object({ target: VmSpec, state: z.enum(['wanted', 'abandoned']) });

/**
 * The truth about one VM: what is wanted (`desired`, `spec`, `resize`, `image`, `keys`, `ssh_keys`) and what was last seen
 * (`status`, `ip_address`, `ssh_target`, `error`). Changed only by compare-and-set on `revision`.
 */
export const VmRecord = z.object({
  id: VmId,
  host_id: HostId,
  owner: Owner,
  name: VmName,
  spec: VmSpec,
  size: VmSize.nullable(),
  image: ImageName,
  desired: DesiredState,
  resize: VmResize.nullable().default(null),
  /** Counts intents: every operation that is accepted raises it by one, but for changes of keys, which exclude nothing. */
  generation: z.int().min(1),
  status: VmStatus,
  ip_address: z.string().nullable(),
  ssh_target: SshTarget.nullable(),
  /** Reserved with the record; null once a failed creation has given it back. */
  proxy_port: z.int().min(1).max(65_535).nullable(),
  /** Its cores and memory were given back when it was stopped: before it is started again, it has to be admitted. */
  released: z.boolean().default(false),
  keys: VmKeys,
  /** Keys beside the first one, oldest first; those that are to go stay here until the guest has let go of them. */
  ssh_keys: z.array(SshKey).default([]),
  stream_id: z.union([z.string(), z.int()]).nullable(),
  error: Failure.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  revision: z.int().min(1),
});
export type VmRecord = z.infer<typeof VmRecord>;

/** The public view of a VM; `proxyHost` is where ssh reaches this host from outside. */
export function toVm(record: VmRecord, proxyHost: string): Vm {
  const { cpu_cores, memory_gb, storage_gb } = record.spec;
  return {
    id: record.id,
    name: record.name,
    status: record.status,
    ip_address: record.ip_address,
    cpu_cores,
    memory_gb,
    storage_gb,
    size: record.size,
    image: record.image,
    proxy_host: proxyHost,
    proxy_port: record.proxy_port,
    created_at: record.created_at,
    updated_at: record.updated_at,
    error: record.error,
    resources: { cpu: cpu_cores, memory: memory_gb, storage: storage_gb },
    ssh_port: record.proxy_port,
  };
}
