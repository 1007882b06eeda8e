import { expect, it } from '@jest/globals';
import { parseListeningSockets } from './socket-table.ts';

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
