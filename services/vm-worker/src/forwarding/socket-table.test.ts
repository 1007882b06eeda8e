import { expect, it } from '@jest/globals';
import { countSessions, parseListeningSockets } from './socket-table.ts';

it('only sockets that listen are read, of IPv4 and of IPv6', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:C670 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78052 1 000000006cfae0a4 100 0 0 10 0
   1: 0100007F:9C52 0100007F:5657 06 00000000:00000000 03:00000B86 00000000     0        0 0 3 000000008a6e303e
   2: 00000000000000000000000000000000:C671 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78053 1 0000000000000000 100 0 0 10 0
`;
  expect(parseListeningSockets(text)).toEqual([
    { port: 50_800, inode: '78052' },
    { port: 50_801, inode: '78053' },
  ]);
});

it('a session is a connection to a port of the range on which somebody listens', () => {
  const row = (local: string, state: string): string =>
    `   0: 0100007F:${local} 0200007F:9C52 ${state} 00000000:00000000 00:00000000 00000000 0 0 78052 1`;
  const text = [
    'sl local_address rem_address st',
    row('C670', '0A'),
    row('C670', '01'),
    row('C670', '01'),
    row('C670', '06'),
    // An outgoing connection that was given a port of the range, and a listener outside of it.
    row('C671', '01'),
    row('0016', '0A'),
    row('0016', '01'),
  ].join('\n');

  expect(countSessions(text, { start: 50_800, end: 50_900 })).toBe(2);
});
