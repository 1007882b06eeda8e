import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@golem-provider/testing';
import { z } from 'zod';

/** It only ends a test that has failed. */
const TELL_LIMIT_MS = 60_000;
const MIB = 1024 * 1024;

const Told = z.object({ isCollected: z.literal(true), heapUsed: z.number(), external: z.number(), rss: z.number() });

/** What a process has of the machine. */
export interface Footprint {
  /** What is in use of the heap, and outside of it by objects of the heap, after all garbage was collected; none of a program that has no such heap. */
  readonly liveMib: number;
  readonly rssMib: number;
  readonly openFiles: number;
}

/** What is given to services of which `footprintOf` is to be asked; they tell it in that directory. */
export function tellingMemory(directory: string): NodeJS.ProcessEnv {
  const preload = new URL('tell-memory.js', import.meta.url);
  return { NODE_OPTIONS: `--import=${preload.href}`, TELL_MEMORY_DIRECTORY: directory };
}

async function openFilesOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** The footprint of a service as it is now. Rejects where it was not started with `tellingMemory`. */
export async function footprintOf(pid: number, directory: string): Promise<Footprint> {
  const file = join(directory, `${pid}.json`);
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const told = await eventually(async () => Told.parse(JSON.parse(await readFile(file, 'utf8'))), TELL_LIMIT_MS);
  return {
    liveMib: (told.heapUsed + told.external) / MIB,
    rssMib: told.rss / MIB,
    openFiles: await openFilesOf(pid),
  };
}

/** The footprint of a program that is none of ours. */
export async function footprintOfProgram(pid: number): Promise<Footprint> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rssKib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  return { liveMib: 0, rssMib: rssKib / 1024, openFiles: await openFilesOf(pid) };
}

/** The least of several looks: what was there each time, whatever was under way. */
export function floorOf(looks: readonly Footprint[]): Footprint {
  return {
    liveMib: Math.min(...looks.map(({ liveMib }) => liveMib)),
    rssMib: Math.min(...looks.map(({ rssMib }) => rssMib)),
    openFiles: Math.min(...looks.map(({ openFiles }) => openFiles)),
  };
}
