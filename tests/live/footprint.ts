import { readdir, readFile } from 'node:fs/promises';

/** What a process has of the machine. */
export interface Footprint {
  readonly rssMib: number;
  readonly openFiles: number;
}

/** The footprint of a process as it is now. */
export async function footprintOf(pid: number): Promise<Footprint> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rssKib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  return { rssMib: rssKib / 1024, openFiles: (await readdir(`/proc/${pid}/fd`)).length };
}

/** The least of several looks: what was there each time, whatever was under way or waited to be collected. */
export function floorOf(looks: readonly Footprint[]): Footprint {
  return {
    rssMib: Math.min(...looks.map(({ rssMib }) => rssMib)),
    openFiles: Math.min(...looks.map(({ openFiles }) => openFiles)),
  };
}
