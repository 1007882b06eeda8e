import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { GUEST_UIDS } from '@golem-provider/contracts';

/** An address and a port as `/proc/net/tcp` writes them: groups of four bytes, each in the byte order of the machine. */
function procAddress(address: string, port: number): string {
  const bytes = address.includes(':')
    ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    : address.split('.').map(Number);
  const words = Array.from({ length: bytes.length / 4 }, (_, word) => bytes.slice(word * 4, word * 4 + 4).reverse());
  const hex = Buffer.from(words.flat()).toString('hex').toUpperCase();
  return `${hex}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * The uid that owns the socket with this local and remote end, by the text of `/proc/net/tcp` or `tcp6`; undefined where it
 * has no such line. Knows loopback addresses only.
 */
export function socketUid(table: string, local: [string, number], remote: [string, number]): number | undefined {
  const [from, to] = [procAddress(...local), procAddress(...remote)];
  for (const line of table.split('\n')) {
    const [, localEnd, remoteEnd, , , , , uid] = line.trim().split(/\s+/);
    if (localEnd === from && remoteEnd === to) return Number(uid);
  }
  return undefined;
}

async function findGuest({
  remoteAddress = '',
  remotePort = 0,
  localAddress = '',
  localPort = 0,
}: Socket): Promise<boolean> {
  const plain = (address: string): string => address.replace(/^::ffff:/i, '');
  const file = plain(remoteAddress).includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp';
  // Not every system has the table; where it is not there, the packet rules alone keep guests out.
  const table = await readFile(file, 'latin1').catch(() => '');
  const uid = socketUid(table, [plain(remoteAddress), remotePort], [plain(localAddress), localPort]);
  return uid !== undefined && uid >= GUEST_UIDS.first && uid <= GUEST_UIDS.last;
}

/** Whether the other end of a loopback connection is the QEMU of a guest: what a guest sends to its gateway comes so. */
export function createGuestFinder(): (socket: Socket) => Promise<boolean> {
  const known = new WeakMap<Socket, Promise<boolean>>();
  return (socket) => {
    const found = known.get(socket) ?? findGuest(socket);
    known.set(socket, found);
    return found;
  };
}
