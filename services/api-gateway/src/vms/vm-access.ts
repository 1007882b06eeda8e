import { type VmAccess, type VmAccessPending, type VmRecord } from '@golem-provider/contracts';
import { AppError, type Seal, sealContext } from '@golem-provider/service-kit';

/** The user of every guest. */
const SSH_USER = 'ubuntu';

/** How to log in to a VM, or that there is nothing to log in to yet. */
export type VmAccessAnswer =
  | { readonly isReady: true; readonly access: VmAccess }
  | { readonly isReady: false; readonly pending: VmAccessPending };

function privateKey({ id, keys }: VmRecord, seal: Seal): string | undefined {
  if (keys.origin === 'requestor') return undefined;
  if (keys.sealed_private_key === null)
    throw new AppError('INTERNAL', `showing access to ${id}: it has no private key`);
  return seal.open(keys.sealed_private_key, sealContext(id, 'login'));
}

/**
 * How to log in to a VM through `host`. Holds the private key where the provider made the pair.
 *
 * @throws AppError `VM_STATE_CONFLICT` when the VM does not run.
 */
export function vmAccess(vm: VmRecord, host: string, seal: Seal): VmAccessAnswer {
  if (vm.status === 'creating') return { isReady: false, pending: { vm_id: vm.id, status: vm.status } };
  if (vm.status !== 'running') {
    throw new AppError('VM_STATE_CONFLICT', `showing access to ${vm.id}`, {
      publicDetail: `The VM is not running, its status is ${vm.status}.`,
    });
  }
  const { public_key: publicKey, host_public_key: hostKey } = vm.keys;
  if (publicKey === null || vm.proxy_port === null) {
    throw new AppError('INTERNAL', `showing access to ${vm.id}: it runs without a key or a port`);
  }
  const secret = privateKey(vm, seal);
  return {
    isReady: true,
    access: {
      vm_id: vm.id,
      ssh_host: host,
      ssh_port: vm.proxy_port,
      ssh_user: SSH_USER,
      ssh_key: { public_key: publicKey, ...(secret !== undefined && { private_key: secret }) },
      ssh_host_key: hostKey,
    },
  };
}
