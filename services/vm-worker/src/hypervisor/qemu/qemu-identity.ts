import { createHash } from 'node:crypto';
import { GUEST_UIDS, type VmId } from '@golem-provider/contracts';

const UID_COUNT = GUEST_UIDS.last - GUEST_UIDS.first + 1;

/** The user and group of one QEMU process. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

function hashOf(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest();
}

/** The user id of a machine: always the same for an id, unless another machine has it, which `taken` tells. */
export function guestUid(id: VmId, taken: ReadonlySet<number> = new Set()): number {
  for (let round = 0; ; round += 1) {
    const uid = GUEST_UIDS.first + (hashOf('uid', id, String(round)).readUInt32BE(0) % UID_COUNT);
    if (!taken.has(uid)) return uid;
  }
}

/**
 * The UUID of a machine (RFC 9562, version 8): always the same for an id in one data directory, so that a process can be
 * recognised by it.
 */
export function machineUuid(instancesDirectory: string, id: VmId): string {
  const bytes = hashOf('uuid', instancesDirectory, id).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The MAC address of a machine's network card, locally administered. Each machine is alone on its network. */
export function machineMac(id: VmId): string {
  const tail = [...hashOf('mac', id).subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['52', '54', '00', ...tail].join(':');
}
