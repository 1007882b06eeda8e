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
