import type { ErrorCode, OperationKind, VmRecord } from '@golem-provider/contracts';

/** What can be asked of the power of a VM that exists. */
export type ChangeKind = Exclude<OperationKind, 'create' | 'resize' | 'update_keys'>;

/** What decides about it. */
type PowerState = Pick<VmRecord, 'desired' | 'status' | 'resize' | 'error'>;

/** What becomes of such a wish: a new intent, nothing as it is so already, or a refusal in words for the requestor. */
export type Intent =
  | { readonly verdict: 'accept'; readonly desired: VmRecord['desired']; readonly status: VmRecord['status'] }
  | { readonly verdict: 'settled' }
  | { readonly verdict: 'conflict'; readonly detail: string; readonly code: ErrorCode };

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

const SETTLED: Intent = { verdict: 'settled' };

function conflict(detail: string, code: ErrorCode = 'VM_STATE_CONFLICT'): Intent {
  return { verdict: 'conflict', detail, code };
}

/** Why nothing but a delete is possible now; undefined where it is. */
function obstacle({ desired, status, resize }: PowerState): Intent | undefined {
  if (desired === 'deleted') return conflict('The VM is being deleted.');
  if (desired === 'discarded') return conflict('The creation of the VM failed; it can only be deleted.');
  if (resize !== null) return conflict('The VM is being resized.');
  if (status === 'creating') return conflict('The VM is still being created; a delete would cancel that.');
  return undefined;
}

/** Why nothing is possible that needs the machine. */
function obstacleToMachine(vm: PowerState): Intent | undefined {
  if (vm.error?.code === 'VM_LOST') return obstacle(vm) ?? conflict(vm.error.message, vm.error.code);
  return obstacle(vm);
}

/** Why a VM cannot be made anew. A machine that is lost has no size any more: what was to become of it keeps nobody waiting. */
function obstacleToRecreation(vm: PowerState): Intent | undefined {
  return obstacle(vm.error?.code === 'VM_LOST' ? { ...vm, resize: null } : vm);
}

/** What an operator asks for a VM that needs a person. */
function recoveryOf(kind: 'retry' | 'adopt' | 'recreate', vm: PowerState): Intent {
  const { desired, status } = vm;
  switch (kind) {
    case 'retry':
      if (status === desired) return SETTLED;
      return (
        obstacleToMachine(vm) ?? { verdict: 'accept', desired, status: desired === 'running' ? 'starting' : 'stopping' }
      );
    case 'adopt':
      // What it is shows when the worker has looked.
      return { verdict: 'accept', desired, status };
    case 'recreate':
      if (status !== 'error') return conflict('Only a VM with status error is made anew; its data would be lost.');
      return { verdict: 'accept', desired: 'running', status: 'creating' };
  }
}

/** Decides by the record alone. Pure; the answer holds for the generation that was looked at. */
export function intentOf(kind: ChangeKind, vm: PowerState): Intent {
  switch (kind) {
    case 'delete':
      return { verdict: 'accept', desired: 'deleted', status: 'deleting' };
    case 'start':
      if (vm.desired === 'running' && vm.status === 'running') return SETTLED;
      return obstacleToMachine(vm) ?? { verdict: 'accept', desired: 'running', status: 'starting' };
    case 'stop':
      if (vm.desired === 'stopped' && vm.status === 'stopped') return SETTLED;
      return obstacleToMachine(vm) ?? { verdict: 'accept', desired: 'stopped', status: 'stopping' };
    case 'restart':
      if (vm.desired === 'stopped') return conflict('The VM is stopped; start it instead.');
      return obstacleToMachine(vm) ?? { verdict: 'accept', desired: 'running', status: 'restarting' };
    case 'retry':
    case 'adopt':
      return obstacle(vm) ?? recoveryOf(kind, vm);
    case 'recreate':
      return obstacleToRecreation(vm) ?? recoveryOf(kind, vm);
  }
}
