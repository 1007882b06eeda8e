import {
  type AddSshKeyRequest,
  type ErrorCode,
  isSameKey,
  MAX_SSH_KEYS,
  type SshKey,
  type VmRecord,
} from '@golem-provider/contracts';

/** What decides about a wish for keys. */
export type KeyState = Pick<VmRecord, 'desired' | 'status' | 'keys' | 'ssh_keys'>;

/**
 * What becomes of a wish for keys. `wished`: the record says so already, but the guest is not known to have it; `settled`: it
 * has; `refused`: in words for the requestor, or in those of the code.
 */
export type KeyIntent =
  | { readonly verdict: 'accept'; readonly keys: SshKey[] }
  | { readonly verdict: 'wished' }
  | { readonly verdict: 'settled' }
  | { readonly verdict: 'refused'; readonly code: ErrorCode; readonly detail?: string };

function notRunning({ desired, status }: KeyState): KeyIntent | undefined {
  if (desired === 'running' && status === 'running') return undefined;
  return {
    verdict: 'refused',
    code: 'VM_STATE_CONFLICT',
    detail: `Keys change while a VM runs; its status is ${status}.`,
  };
}

function withState(keys: readonly SshKey[], name: string, state: SshKey['state']): SshKey[] {
  return keys.map((key) => (key.name === name ? { ...key, state } : key));
}

/** One more key for a VM. Pure. */
export function addKeyIntent(vm: KeyState, { name, key }: AddSshKeyRequest): KeyIntent {
  const obstacle = notRunning(vm);
  if (obstacle !== undefined) return obstacle;
  const named = vm.ssh_keys.find((other) => other.name === name);
  if (named !== undefined) {
    if (!isSameKey(named.key, key)) return { verdict: 'refused', code: 'SSH_KEY_NAME_TAKEN' };
    switch (named.state) {
      case 'active':
        return { verdict: 'settled' };
      case 'adding':
        return { verdict: 'wished' };
      case 'removing':
        return { verdict: 'accept', keys: withState(vm.ssh_keys, name, 'adding') };
    }
  }
  // Under two names, it would be unclear what it means to remove one of them.
  const twin = vm.ssh_keys.find((other) => isSameKey(other.key, key));
  if (twin !== undefined)
    return {
      verdict: 'refused',
      code: 'SSH_KEY_DUPLICATE',
      detail: `The VM has this key under the name ${twin.name}.`,
    };
  if (vm.keys.public_key !== null && isSameKey(vm.keys.public_key, key))
    return { verdict: 'refused', code: 'SSH_KEY_DUPLICATE', detail: 'It is the key that the VM was made with.' };
  if (vm.ssh_keys.length >= MAX_SSH_KEYS)
    return { verdict: 'refused', code: 'SSH_KEYS_EXHAUSTED', detail: `A VM has ${MAX_SSH_KEYS} keys at most.` };
  return { verdict: 'accept', keys: [...vm.ssh_keys, { name, key, state: 'adding' }] };
}

/** One key less. Pure. */
export function removeKeyIntent(vm: KeyState, name: string): KeyIntent {
  const named = vm.ssh_keys.find((other) => other.name === name);
  if (named === undefined) return { verdict: 'refused', code: 'SSH_KEY_NOT_FOUND' };
  return (
    notRunning(vm) ??
    (named.state === 'removing'
      ? { verdict: 'wished' }
      : { verdict: 'accept', keys: withState(vm.ssh_keys, name, 'removing') })
  );
}
