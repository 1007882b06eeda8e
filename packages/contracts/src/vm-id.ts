import { VmId, type VmName } from './vm.ts';

const PREFIX = 'golem-';
const TIME_LENGTH = 'YYYYMMDD-HHMMSS'.length;
const MAX_LENGTH = 63;

/**
 * Makes the id of a VM from its name and the moment of its creation. The name is cut so that the id is at most 63
 * characters (a host name's label); the time never is. Two creations of one name in one second clash: the caller tries
 * the next second, see `vmIdCandidates`.
 */
export function makeVmId(name: VmName, epochMs: number): VmId {
  const room = MAX_LENGTH - PREFIX.length - 1 - TIME_LENGTH;
  const cut = name.slice(0, room).replace(/-+$/, '');
  const digits = new Date(epochMs).toISOString().replace(/[-:]/g, '');
  return VmId.parse(`${PREFIX}${cut}-${digits.slice(0, 8)}-${digits.slice(9, 15)}`);
}

/** The ids to try for a creation at `epochMs`, best first: that second, and each of the `count - 1` that follow it. */
export function vmIdCandidates(name: VmName, epochMs: number, count: number): VmId[] {
  return Array.from({ length: count }, (_, second) => makeVmId(name, epochMs + second * 1000));
}
