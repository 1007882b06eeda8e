import type { Failure, VmId, VmStatus } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Observation } from '../hypervisor/hypervisor.ts';

/** What is shown of a VM that is not as it should be, and why. */
export interface Shown {
  readonly status: VmStatus;
  readonly error: Failure | null;
}

const LISTED_WITHOUT =
  'The hypervisor does not list the machine of the VM. If that stays so for some minutes, the VM counts as lost.';
const LOST =
  'The machine of the VM is gone from the hypervisor, and its disk with it. The VM can be deleted; its provider alone can make it anew, empty.';
const TRASHED =
  'The machine was deleted in the hypervisor, from where it can still be taken back: start the VM to do so, or delete it.';

function interrupted(status: VmStatus, message: string): Shown {
  return { status, error: { code: 'VM_INTERRUPTED', message } };
}

/** The error where a machine is needed and was not listed: one look does not prove that it is lost, which the resync judges. */
export function missingMachine(doing: string): AppError {
  return new AppError('VM_INTERRUPTED', `${doing}: its machine is not there`, {
    retryable: false,
    publicDetail: LISTED_WITHOUT,
  });
}

/** A machine that was not listed, which alone proves nothing. */
export const MISSING: Shown = interrupted('unknown', LISTED_WITHOUT);
/** A machine that a healthy hypervisor has not listed for minutes. */
export const LOST_FOR_GOOD: Shown = { status: 'error', error: { code: 'VM_LOST', message: LOST } };
/** A machine that somebody deleted, but not for good. */
export const IN_WASTEBASKET: Shown = interrupted('error', TRASHED);

/** Somebody deleted the machine, which is undone only when asked for. */
export function trashedMachine(id: VmId): AppError {
  return new AppError('VM_INTERRUPTED', `mending ${id}: its machine was deleted by hand`, { publicDetail: TRASHED });
}

/** What to show while a machine that should run is being brought back; undefined where it was running all the time. */
export function whileMending(seen: Pick<Observation, 'power' | 'detail'>): Shown | undefined {
  const found = (word: string): Shown =>
    interrupted(
      'starting',
      `The machine was found ${word} and is being started again. Stop the VM if it is to stay off.`,
    );
  switch (seen.power) {
    case 'running':
    case 'absent':
      return undefined;
    case 'preparing':
    case 'starting':
      return { status: 'starting', error: null };
    case 'stopped':
      return found('off');
    case 'stopping':
      return found('going down');
    case 'suspended':
      return found('suspended');
    case 'unknown':
      return interrupted(
        'unknown',
        `The hypervisor cannot tell the state of the machine (${seen.detail ?? 'unknown'}). It is given time to come up, ` +
          'then it is switched off and on; a restart of the VM does that at once.',
      );
  }
}

/** What to show of a machine that is off and that is not started again at once, as it went down too often. */
export function whileWaiting(waitMs: number): Shown {
  const minutes = Math.max(1, Math.ceil(waitMs / 60_000));
  return interrupted(
    'error',
    `The machine keeps going down. It is started again in about ${minutes} min; start the VM to try now, or stop it.`,
  );
}
