import type { OperationKind, VmRecord } from '@golem-provider/contracts';

/** What can be asked of a VM that exists. */
export type ChangeKind = Exclude<OperationKind, 'create'>;

/** What becomes of such a wish: a new intent, nothing as it is so already, or a refusal in words for the requestor. */
export type Intent =
  | { readonly verdict: 'accept'; readonly desired: VmRecord['desired']; readonly status: VmRecord['status'] }
  | { readonly verdict: 'settled' }
  | { readonly verdict: 'conflict'; readonly detail: string };

/** Operations that end in what a change asks for: while one of them is under way for the same intent, it is joined. */
export const JOINED_BY: Readonly<Record<ChangeKind, readonly OperationKind[]>> = {
  start: ['create', 'start', 'restart'],
  stop: ['stop'],
  restart: ['restart'],
  delete: ['delete'],
  retry: ['retry'],
  adopt: ['adopt'],
  recreate: ['recreate'],
};

type VmState = Pick<VmRecord, 'desired' | 'status'>;

const SETTLED: Intent = { verdict: 'settled' };

function conflict(detail: string): Intent {
  return { verdict: 'conflict', detail };
}

/** Why the power of a VM cannot be changed now, whatever is asked; undefined where it can. */
function obstacle({ desired, status }: VmState): Intent | undefined {
  if (desired === 'deleted') return conflict('The VM is being deleted.');
  if (desired === 'discarded') return conflict('The creation of the VM failed; it can only be deleted.');
  if (status === 'creating') return conflict('The VM is still being created; a delete would cancel that.');
  return undefined;
}

/** What an operator asks for a VM that needs a person. */
function recoveryOf(kind: 'retry' | 'adopt' | 'recreate', { desired, status }: VmState): Intent {
  switch (kind) {
    case 'retry':
      if (status === desired) return SETTLED;
      return { verdict: 'accept', desired, status: desired === 'running' ? 'starting' : 'stopping' };
    case 'adopt':
      // What it is shows when the worker has looked.
      return { verdict: 'accept', desired, status };
    case 'recreate':
      if (status !== 'error') return conflict('Only a VM with status error is made anew; its data would be lost.');
      return { verdict: 'accept', desired: 'running', status: 'creating' };
  }
}

/** Decides by the record alone. Pure; the answer holds for the generation that was looked at. */
export function intentOf(kind: ChangeKind, vm: VmState): Intent {
  switch (kind) {
    case 'delete':
      return { verdict: 'accept', desired: 'deleted', status: 'deleting' };
    case 'start':
      if (vm.desired === 'running' && vm.status === 'running') return SETTLED;
      return obstacle(vm) ?? { verdict: 'accept', desired: 'running', status: 'starting' };
    case 'stop':
      if (vm.desired === 'stopped' && vm.status === 'stopped') return SETTLED;
      return obstacle(vm) ?? { verdict: 'accept', desired: 'stopped', status: 'stopping' };
    case 'restart':
      if (vm.desired === 'stopped') return conflict('The VM is stopped; start it instead.');
      return obstacle(vm) ?? { verdict: 'accept', desired: 'running', status: 'restarting' };
    case 'retry':
    case 'adopt':
    case 'recreate':
      return obstacle(vm) ?? recoveryOf(kind, vm);
  }
}
