import { readFile } from 'node:fs/promises';
import { countSessions } from '../forwarding/socket-table.ts';

/** How many connections are open through the ports of a range on which somebody listens. Reads two files of `/proc`. */
export async function openSshSessions(range: { readonly start: number; readonly end: number }): Promise<number> {
  // A kernel without IPv6 has no second table.
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8').catch(() => '')),
  );
  return countSessions(tables.join('\n'), range);
}
