const ESTABLISHED = '01';
const LISTEN = '0A';

/** A TCP port that somebody listens on, and the inode of the socket. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
}

/** Reads `/proc/net/tcp` or `/proc/net/tcp6`. */
export function parseListeningSockets(text: string): ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    const inode = fields[9];
    return fields[3] === LISTEN && inode !== undefined && !Number.isNaN(port) ? [{ port, inode }] : [];
  });
}

/**
 * How many connections others have opened to the ports of a range, by the text of one table or several. A port counts only
 * while somebody listens on it: those that the kernel gives to outgoing connections may lie in the same range.
 */
export function countSessions(text: string, range: { readonly start: number; readonly end: number }): number {
  const listening = new Set(parseListeningSockets(text).map(({ port }) => port));
  const ports = text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[3] === ESTABLISHED ? [Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)] : [];
  });
  return ports.filter((port) => port >= range.start && port < range.end && listening.has(port)).length;
}
