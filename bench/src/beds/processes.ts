import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of the kernel in a second, as on all machines of today. */
const TICKS = 100;
const KIB_PER_MIB = 1024;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** Pids of the processes of this machine whose command line or environment names a text. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => read(`/proc/${entry}/cmdline`).includes(text) || read(`/proc/${entry}/environ`).includes(text))
    .map(Number);
}

/** The command line of a process. */
export function commandLine(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
}

/** CPU time that a process and its children that ended have taken, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** Memory of a process that is in RAM, MiB; what it shares with others is counted whole. */
export function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / KIB_PER_MIB;
}

/** The same with what is shared divided among those who share it. */
export function proportionalMib(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / KIB_PER_MIB;
}
