import type { Observation, PowerState } from '../hypervisor.ts';

/** What was found out about a machine: its files, its process, and what QEMU answers. */
export interface MachineEvidence {
  /** `damaged`: its description cannot be read. */
  readonly files: 'whole' | 'missing' | 'damaged';
  /** Whether a create of this machine is under way here. */
  readonly isBeingMade: boolean;
  readonly hasProcess: boolean;
  /** QEMU's word for its run state; null when it was not asked or gave no answer. */
  readonly runState: string | null;
  /** `starting`: QEMU does not serve its socket yet. Only looked at where there is a process, but no run state. */
  readonly silence?: 'starting' | 'unresponsive';
  readonly sshPort: number | null;
}

/**
 * The power state behind QEMU's run state. A guest that writes while the host's disk is full is paused with `io-error`: to
 * resume it, once there is room, is what it needs.
 */
function runStatePower(runState: string): PowerState {
  switch (runState) {
    case 'running':
      return 'running';
    case 'prelaunch':
    case 'inmigrate':
      return 'starting';
    case 'paused':
    case 'suspended':
    case 'io-error':
      return 'suspended';
    case 'shutdown':
      return 'stopping';
    default:
      return 'unknown';
  }
}

function power(evidence: MachineEvidence): Pick<Observation, 'power' | 'detail'> {
  const { files, hasProcess, runState } = evidence;
  if (!hasProcess) {
    if (files === 'damaged') return { power: 'unknown', detail: 'its description cannot be read' };
    if (files === 'missing') return { power: evidence.isBeingMade ? 'preparing' : 'absent' };
    return { power: 'stopped' };
  }
  if (files !== 'whole') return { power: 'unknown', detail: 'it runs, but its files are missing or damaged' };
  if (runState === null)
    return evidence.silence === 'starting'
      ? { power: 'starting' }
      : { power: 'unknown', detail: 'its QEMU runs, but does not answer' };
  const state = runStatePower(runState);
  return state === 'unknown' ? { power: state, detail: `QEMU says ${runState}` } : { power: state };
}

/**
 * What a look at a machine shows. Pure. The machine's own address is on a network that only its QEMU knows, the same for all
 * of them; from this host it is at the loopback's port.
 */
export function observation(evidence: MachineEvidence): Observation {
  const port = evidence.hasProcess ? evidence.sshPort : null;
  return {
    ...power(evidence),
    ipAddress: port === null ? null : '127.0.0.1',
    sshTarget: port === null ? null : { host: '127.0.0.1', port },
  };
}
